import type { CellView, Column, CriterionKind, CriterionView } from '$lib/api/types';
import { m } from '$lib/paraglide/messages.js';
import { decimals, points, text } from '$lib/shared/format';

/** How a criterion is answered on the screen. */
export type Way = 'points' | 'times' | 'yes_no' | 'figure' | 'work';
const ways: Record<CriterionKind, Way> = {
  points: 'points',
  banded: 'points',
  bonus: 'points',
  count: 'times',
  deduct: 'times',
  deduct_late: 'times',
  two_level: 'yes_no',
  pass_fail: 'yes_no',
  figure: 'figure',
  work: 'work'
};

export const wayOf = (criterion: CriterionView) => ways[criterion.kind];

/** Whether the criterion gives or takes points. */
export const hasPoints = ({ kind }: CriterionView) => kind !== 'pass_fail' && kind !== 'figure';

export const cellOf = (criterion: CriterionView, column: Column) =>
  criterion.cells.find((cell) => cell.column === column);

/** What stands in a cell: what was entered, or for work what the quantities come to. */
export const answerIn = (cell: CellView | undefined) => cell?.entered ?? cell?.points ?? null;

/** Whether evidence is asked for, and whether a note names some, in whichever column. */
export function evidenceOf({ evidence, cells }: CriterionView): 'none' | 'missing' | 'there' {
  if (!evidence) return 'none';
  return cells.some((cell) => cell.note.trim() || cell.evidence.length) ? 'there' : 'missing';
}

/** Whether a column has an answer that counts. */
export function isAnswered(criterion: CriterionView, column: Column): boolean {
  const cell = cellOf(criterion, column);
  const counted = hasPoints(criterion) ? cell?.points : cell?.entered;
  return (counted ?? null) !== null && evidenceOf(criterion) !== 'missing';
}

/** Whether nothing can be concluded before this column answers. */
export const isWanted = (criterion: CriterionView, column: Column) =>
  criterion.required && !!cellOf(criterion, column)?.takes && !isAnswered(criterion, column);

/** The words of yes and no. */
export const yesNo = ({ kind }: CriterionView) =>
  kind === 'two_level' ? [m.crit_met(), m.crit_not_met()] : [m.crit_yes(), m.crit_no()];

/** What was entered, in words: `8,5`, `2 lần`, `Có`, `95 %`. */
export function enteredText(criterion: CriterionView, entered: string): string {
  switch (wayOf(criterion)) {
    case 'times': {
      const words = criterion.kind === 'deduct_late' ? m.crit_days : m.crit_times;
      return words({ count: points(entered) });
    }
    case 'yes_no':
      return yesNo(criterion)[Number(entered) ? 0 : 1] ?? '';
    case 'figure':
      return `${points(entered)}${criterion.unit ? ` ${text(criterion.unit)}` : ''}`;
    default:
      return points(entered, decimals(criterion.step));
  }
}

/** The figure of a cell, and in small print what it comes from or why it does not count. */
export function cellText(
  criterion: CriterionView,
  cell: CellView | undefined
): { main: string; small: string } {
  const entered = cell?.entered ?? null;
  const said = entered === null ? '' : enteredText(criterion, entered);
  if (!hasPoints(criterion)) return { main: said || '—', small: '' };
  if ((cell?.points ?? null) === null)
    return { main: '—', small: said && m.crit_uncounted({ entered: said }) };
  const way = wayOf(criterion);
  const places = way === 'work' ? 1 : decimals(criterion.step);
  return {
    main: points(cell?.points ?? '', way === 'times' || way === 'yes_no' ? 0 : places),
    small: way === 'points' ? '' : said
  };
}

/** The largest points, as they stand behind a cell's; absent where points are taken or there are none. */
export const maxText = (criterion: CriterionView) =>
  hasPoints(criterion) && !criterion.kind.startsWith('deduct') ? `/${points(criterion.max)}` : '';
