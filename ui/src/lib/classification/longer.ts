import type { AggregateRow } from '$lib/api/types';

/** What is shown: the period itself, or the quarter or year that it is part of. */
export type Span = '' | 'quarter' | 'year';

/** The longer period that a period is part of; null: the span is no longer than the period. */
export function longer(period: string, span: Span): string | null {
  const [year = '', part = ''] = period.split('-');
  if (span === 'year') return part && year;
  const month = /^\d\d$/.test(part) ? Number(part) : 0;
  return span === 'quarter' && month ? `${year}-Q${Math.ceil(month / 3)}` : null;
}

/** The spans that show something of their own for a period. */
export const spansOf = (period: string): Span[] => [
  '',
  ...(['quarter', 'year'] as const).filter((span) => longer(period, span))
];

/** A unit with its people over a longer period. */
export interface UnitRows {
  unit: string;
  rows: AggregateRow[];
  /** Of how many the ways of aggregating give different levels. */
  differing: number;
}

/** Rows unit by unit, a unit's own first: the server gives units before people. */
export function byUnit(rows: AggregateRow[]): UnitRows[] {
  const units = new Map<string, AggregateRow[]>();
  for (const row of rows) units.set(row.unit, [...(units.get(row.unit) ?? []), row]);
  return [...units].map(([unit, of]) => ({
    unit,
    rows: of,
    differing: of.filter((row) => row.warning).length
  }));
}
