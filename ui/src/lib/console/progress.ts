import type { OverviewView, PeriodView, UnitProgress } from '$lib/api/types';
import { m } from '$lib/paraglide/messages.js';
import { daysUntil } from '$lib/shared/format';

const LATE_S = 7 * 86_400;

/** Whether the unit's own sheet is with the department. */
export const sheetIn = (unit: UnitProgress) => unit.sheet === 'submitted' || unit.sheet === 'approved';

/** Whether nothing of the unit is missing. */
export const complete = (unit: UnitProgress) =>
  (unit.sheet === null || sheetIn(unit)) && unit.handed_in >= unit.expected;

/** Whether the last sync of the unit's devices is more than seven days ago. */
export const silent = (unit: UnitProgress, now: number) =>
  unit.last_seen !== null && now - unit.last_seen > LATE_S;

/** How long ago, in one word and a figure. */
export function ago(at: number, now: number): string {
  const seconds = Math.max(0, now - at);
  if (seconds < 60) return m.console_now();
  if (seconds < 3600) return m.console_minutes({ count: Math.floor(seconds / 60) });
  if (seconds < 86_400) return m.console_hours({ count: Math.floor(seconds / 3600) });
  return m.console_days({ count: Math.floor(seconds / 86_400) });
}

/** Sums over the units of an overview. */
export function sums(overview: OverviewView, now: number) {
  const { units } = overview;
  const sheets = units.filter((unit) => unit.sheet !== null);
  const add = (of: (unit: UnitProgress) => number) => units.reduce((sum, unit) => sum + of(unit), 0);
  return {
    sheets: sheets.length,
    sheetsIn: sheets.filter(sheetIn).length,
    people: add((unit) => unit.expected),
    peopleIn: add((unit) => unit.handed_in),
    silent: units.filter((unit) => silent(unit, now)).length
  };
}

/** The next day that matters in a period, or the hand-in day when all are past. */
export function deadline(period: PeriodView): { day: string; words: string } | null {
  const days = [
    [period.own_until, m.console_due_own],
    [period.superior_until, m.console_due_superior],
    [period.classified_on, m.console_due_classified],
    [period.published_on, m.console_due_published]
  ] as const;
  const known = days.flatMap(([day, what]) => (day ? [{ day, what: what() }] : []));
  const next = known.find(({ day }) => daysUntil(day) >= 0) ?? known[0];
  if (!next) return null;
  const left = daysUntil(next.day);
  const words = left > 0 ? m.console_due_left : left === 0 ? m.console_due_today : m.console_due_past;
  return { day: next.day, words: words({ what: next.what, days: left }) };
}
