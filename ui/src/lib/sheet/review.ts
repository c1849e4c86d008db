import type { Column, CriterionView, SheetView } from '$lib/api/types';
import { points } from '$lib/shared/format';
import { answerIn, cellOf, enteredText, wayOf } from './answer';
import { criteriaOf } from './open.svelte';

/** Whether the columns of a criterion disagree. */
export function differs(criterion: CriterionView): boolean {
  const answers = criterion.cells.map(answerIn).filter((answer) => answer !== null);
  return new Set(answers.map(Number)).size > 1;
}

/** Whether the reviewer's answer is another than the subject's own, and nothing says why. */
export function reasonMissing(criterion: CriterionView, column: Column): boolean {
  const mine = cellOf(criterion, column);
  const [own, reviewed] = [answerIn(cellOf(criterion, 'own')), answerIn(mine)];
  return own !== null && reviewed !== null && Number(own) !== Number(reviewed) && !mine?.note.trim();
}

/** The difference against the subject's own answer: `−1,5` of points, `1 lần → 3 lần` of what is no points. */
export function changeOf(criterion: CriterionView, column: Column): string {
  const own = answerIn(cellOf(criterion, 'own')) ?? '0';
  const mine = answerIn(cellOf(criterion, column)) ?? '0';
  const way = wayOf(criterion);
  if (way !== 'points' && way !== 'work')
    return `${enteredText(criterion, own)} → ${enteredText(criterion, mine)}`;
  const change = Math.round((Number(mine) - Number(own)) * 1e4) / 1e4;
  return `${change > 0 ? '+' : ''}${points(String(change))}`;
}

export const differing = (view: SheetView) => criteriaOf(view).filter(differs);
