import { render, screen } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import type { ColumnView, TotalView } from '$lib/api/types';
import ColumnTotals from '$lib/sheet/ColumnTotals.svelte';
import { sumOf } from '$lib/shared/level';

const total = (of: Partial<TotalView>): TotalView => ({
  total: null,
  so_far: '0',
  possible: '0',
  level: null,
  not_rated: false,
  range: null,
  provisional: false,
  answered: 3,
  criteria: 12,
  ...of
});

it('shows no sum for a criteria set without points, and 0 where points can still be reached', () => {
  expect(sumOf(total({}))).toBeNull();
  expect(sumOf(total({ possible: '100' }))).toBe('0');
  expect(sumOf(total({ so_far: '40', possible: '100' }))).toBe('40');
  expect(sumOf(total({ total: '0', possible: '0' }))).toBe('0');
});

it('shows the level alone in the columns of a set without points', () => {
  const column = { column: 'own', editable: true, total: total({ level: 'HTTNV' }) } as ColumnView;
  render(ColumnTotals, { columns: [column] });
  expect(screen.getByTestId('total-own')).toHaveTextContent('Tốt');
  expect(screen.getByTestId('total-own')).not.toHaveTextContent(/\d|—/);
});
