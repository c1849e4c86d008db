import type { Account } from './generated/Account';
import type { ExplainNode } from './generated/ExplainNode';
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
