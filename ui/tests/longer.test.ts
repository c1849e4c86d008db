import { render, screen } from '@testing-library/svelte';
import { expect, it, vi } from 'vitest';
import type { AggregateRow } from '$lib/api/types';
import Longer from '$lib/classification/Longer.svelte';
import { byUnit, longer, spansOf } from '$lib/classification/longer';

const both = (vi: string) => ({ vi, en: vi });
const way = (method: string, total: string) => ({
  method: both(method),
  total,
  level: 'HTTNV' as const,
  left_to_people: false,
  formula: both(`${method} = ${total}`)
});
const row = (code: string, unit: string, of: Partial<AggregateRow> = {}): AggregateRow => ({
  of_unit: false,
  unit,
  code,
  name: `Người ${code}`,
  result: way('trung bình', '86.25'),
  notes: [],
  others: [],
  warning: null,
  ...of
});

it('finds the quarter and the year around a period, and nothing around what is as long', () => {
  expect(longer('2022-11', 'quarter')).toBe('2022-Q4');
  expect(longer('2022-03', 'quarter')).toBe('2022-Q1');
  expect(longer('2022-11', 'year')).toBe('2022');
  expect(longer('2022-11', '')).toBeNull();
  expect(spansOf('2022-11')).toEqual(['', 'quarter', 'year']);
  expect(spansOf('2022-Q4')).toEqual(['', 'year']);
  expect(spansOf('2022')).toEqual(['']);
});

it('puts people below their unit and counts those whose level depends on the way', () => {
  const rows = [
    row('B', 'Phòng B', { of_unit: true }),
    row('A-1', 'Phòng A', { warning: both('khác mức') }),
    row('B-1', 'Phòng B')
  ];
  const units = byUnit(rows).map(({ unit, rows: of, differing }) => [
    unit,
    of.map(({ code }) => code),
    differing
  ]);
  expect(units).toEqual([
    ['Phòng B', ['B', 'B-1'], 0],
    ['Phòng A', ['A-1'], 1]
  ]);
});

it('shows the result, its formula, what was left out, the other ways, and the warning before all', () => {
  const of = row('A-1', 'Phòng A', {
    warning: both('Các cách cho mức khác nhau'),
    notes: [both('Không tính: Tháng 12/2022')],
    others: [way('trung bình mọi kỳ', '57.5')]
  });
  render(Longer, {
    view: { period: '2022-Q4', rows: [of, row('A-2', 'Phòng A')] },
    failure: null,
    layout: 'one',
    onretry: vi.fn()
  });
  expect(screen.getByRole('heading', { level: 2 })).toHaveTextContent('Quý IV/2022');
  expect(screen.getByTestId('longer-differing')).toHaveTextContent('1 trên 2');
  const shown = screen.getByTestId('longer-row-A-1');
  for (const words of ['86,25', 'trung bình = 86.25', 'Không tính: Tháng 12/2022', '57,5'])
    expect(shown).toHaveTextContent(words);
  expect(screen.getByTestId('longer-warning-A-1')).toHaveTextContent('Các cách cho mức khác nhau');
  expect(screen.queryByTestId('longer-warning-A-2')).toBeNull();
});
