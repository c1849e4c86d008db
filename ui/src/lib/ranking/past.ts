import type { RankRow } from '$lib/api/types';
import { m } from '$lib/paraglide/messages.js';

/** Why a row has no change against the last period, when its unit came about since then. */
export function incomparable(row: RankRow): string | null {
  switch (row.reorganised) {
    case 'merge':
      return m.ranking_merge();
    case 'split':
      return m.ranking_split();
    case 'dissolve':
      return m.ranking_dissolve();
    default:
      return null;
  }
}

/** The latest `most` earlier periods that any row tells of, latest first. */
export function earlier(rows: RankRow[], most: number): string[] {
  const periods = new Set(rows.flatMap((row) => (row.past ?? []).map((past) => past.period)));
  return [...periods].sort().reverse().slice(0, most);
}

/** Ranks of a row in these periods, `–` where it had none. */
export function ranks(row: RankRow, periods: string[]): string {
  const of = new Map(row.past?.map((past) => [past.period, past.rank]));
  return periods.map((period) => of.get(period) ?? '–').join(' · ');
}
