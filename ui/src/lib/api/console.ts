import type { Account } from './generated/Account';
import type { AggregationView } from './generated/AggregationView';
import type { ClassificationView } from './generated/ClassificationView';
import type { ExplainNode } from './generated/ExplainNode';
import type { Level } from './generated/Level';
import type { OverviewView } from './generated/OverviewView';
import { http } from './http';

const query = (of: Record<string, string>) => {
  const given = Object.entries(of).filter(([, value]) => value);
  return given.length ? `?${new URLSearchParams(given)}` : '';
};

export const login = (name: string, password: string) =>
  http<Account>('POST', '/login', { login: name, password });
export const logout = () => http<null>('POST', '/logout');
export const account = () => http<Account>('GET', '/account');
/** Of the latest period when none is named. */
export const overview = (period = '') => http<OverviewView>('GET', `/overview${query({ period })}`);
export const unit = (period: string, id: string) =>
  http<ExplainNode>('GET', `/unit${query({ period, unit: id })}`);

/** A level that a person decides; without one: not rated. */
export interface DecideRequest {
  sheet: string;
  level: Level | null;
  /** Of a unit: outstanding achievements make its people's quota the higher one. */
  outstanding: boolean;
  /** Mandatory where the level differs from the proposal, and in a locked period. */
  reason: string;
}

export const classification = (period: string) =>
  http<ClassificationView>('GET', `/classification${query({ period })}`);
/** A quarter or year, made of the shorter periods. */
export const aggregation = (period: string) =>
  http<AggregationView>('GET', `/aggregation${query({ period })}`);
export const decide = (request: DecideRequest) =>
  http<ClassificationView>('POST', '/classification/decide', request);
