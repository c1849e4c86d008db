import { describe, expect, it } from 'vitest';
import type { RankRow, SuccessionKind } from '$lib/api/types';
import { earlier, incomparable, ranks } from '$lib/ranking/past';

const row = (past?: [string, number | null][], reorganised?: SuccessionKind) =>
  ({
    past: past?.map(([period, rank]) => ({ period, rank, total: null, level: null })),
    reorganised
  }) as RankRow;

describe('rankings of several periods', () => {
  it('are of the latest periods that any unit was ranked in', () => {
    const rows = [
      row([['2022-12', 1]]),
      row(),
      row([
        ['2023-02', 2],
        ['2022-12', 3],
        ['2022-11', 3]
      ])
    ];
    expect(earlier(rows, 2)).toEqual(['2023-02', '2022-12']);
    expect(earlier([row()], 3)).toEqual([]);
  });
  it('stand below each other, period by period', () => {
    const periods = ['2023-02', '2022-12', '2022-11'];
    expect(
      ranks(
        row([
          ['2022-12', 3],
          ['2022-11', null]
        ]),
        periods
      )
    ).toBe('– · 3 · –');
    expect(ranks(row(), periods)).toBe('– · – · –');
  });
  it('say why a unit is not compared', () => {
    const said = (['merge', 'split', 'dissolve'] as const).map((kind) => incomparable(row([], kind)));
    expect(new Set(said).size).toBe(3);
    expect(incomparable(row())).toBeNull();
  });
});
