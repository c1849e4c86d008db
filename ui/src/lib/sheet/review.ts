import type { Column, CriterionView, SheetView } from '$lib/api/types';
import { cellOf, criteriaOf } from './open.svelte';

/** The points that a reviewer's points are read against: the nearest column before it. */
export function baseOf(criterion: CriterionView, column: Column): string | null {
  const index = criterion.cells.findIndex((cell) => cell.column === column);
  return criterion.cells.slice(0, index).findLast((cell) => cell.points !== null)?.points ?? null;
}

/** Whether the columns of a criterion disagree. */
export function differs(criterion: CriterionView): boolean {
  const values = criterion.cells.flatMap((cell) => (cell.points === null ? [] : [Number(cell.points)]));
  return new Set(values).size > 1;
}

/** Whether the reviewer changed points and has not said why. */
export function reasonMissing(criterion: CriterionView, column: Column): boolean {
  const mine = cellOf(criterion, column);
  const base = baseOf(criterion, column);
  return (
    !!mine &&
    mine.points !== null &&
    base !== null &&
    Number(mine.points) !== Number(base) &&
    !mine.note.trim()
  );
}

export const differing = (view: SheetView) => criteriaOf(view).filter(differs);
