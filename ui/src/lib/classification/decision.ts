import type { ClassifiedRow, DecideRequest, DecidedView, Level } from '$lib/api/types';
import { outcomeOf, type Outcome } from '$lib/shared/level';

/** What a person may decide; empty: nothing chosen yet. */
export type Choice = Level | 'not_rated' | '';
export const choices: Exclude<Choice, ''>[] = ['HTXSNV', 'HTTNV', 'HTNV', 'KHTNV', 'not_rated'];

export const decidedOutcome = ({ level }: DecidedView): Outcome => level ?? 'not_rated';

/** Where the dialog begins: at what was decided, else at what is proposed, if anything is. */
export const firstChoice = (row: ClassifiedRow): Choice =>
  (row.decided ? decidedOutcome(row.decided) : outcomeOf(row)) ?? '';

/** Whether a choice is another than the proposal; without a proposal every choice is. */
export const isOther = (row: ClassifiedRow, choice: Choice) => choice !== '' && choice !== outcomeOf(row);

/** What a person has filled in. */
export interface Decided {
  choice: Choice;
  outstanding: boolean;
  reason: string;
}

/** Whether a decision stands only with a reason: it differs from the proposal, or the period is locked. */
export const needsReason = (row: ClassifiedRow, choice: Choice, locked: boolean) =>
  locked || isOther(row, choice);

/** What is missing before a decision can be recorded. */
export function missing(row: ClassifiedRow, { choice, reason }: Decided, locked: boolean) {
  if (choice === '') return 'level';
  return needsReason(row, choice, locked) && !reason.trim() ? 'reason' : null;
}

export const requestOf = (row: ClassifiedRow, { choice, outstanding, reason }: Decided): DecideRequest => ({
  sheet: row.sheet,
  level: choice === 'not_rated' || choice === '' ? null : choice,
  outstanding,
  reason: reason.trim()
});
