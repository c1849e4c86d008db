import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it, vi } from 'vitest';
import type { CriterionKind, CriterionView, ScoreRequest, SheetView } from '$lib/api/types';
import AnswerField from '$lib/sheet/AnswerField.svelte';
import { OpenSheet } from '$lib/sheet/open.svelte';
import { cell, criterion } from './criterion';

const calls = vi.hoisted(() => ({ sheet: vi.fn(), score: vi.fn() }));
vi.mock('$lib/api/sheet', () => calls);

const viewOf = (of: CriterionView) => ({ groups: [{ code: 'I', criteria: [of] }] }) as unknown as SheetView;
const sent = () => calls.score.mock.calls.map(([request]) => (request as ScoreRequest).text);

async function shown(kind: CriterionKind, entered: string | null, of: Partial<CriterionView> = {}) {
  const made = criterion(kind, [cell('own', { entered, points: entered })], of);
  calls.sheet.mockResolvedValue(viewOf(made));
  // The answer shows what was written, as the client does.
  calls.score.mockImplementation(({ text }: ScoreRequest) =>
    Promise.resolve(viewOf(criterion(kind, [cell('own', { entered: text || null, token: 'mine' })], of)))
  );
  const sheet = new OpenSheet('s1');
  await sheet.load();
  const props = {
    sheet,
    criterion: made,
    column: 'own' as const,
    label: 'Điểm',
    editable: true,
    onnext: vi.fn()
  };
  render(AnswerField, props);
  return sheet;
}

beforeEach(() => vi.clearAllMocks());

it('sends 1 for yes and 0 for no, and nothing is pressed before', async () => {
  const sheet = await shown('pass_fail', null);
  const yes = screen.getByTestId('points-1-own-yes');
  const no = screen.getByTestId('points-1-own-no');
  expect(yes).toHaveAttribute('aria-pressed', 'false');
  expect(no).toHaveAttribute('aria-pressed', 'false');
  await userEvent.click(yes);
  await userEvent.click(no);
  await sheet.flush();
  expect(sent()).toEqual(['1', '0']);
  expect(no).toHaveAttribute('aria-pressed', 'true');
});

it('clears an answer by its own button and by pressing it again: unanswered is not no', async () => {
  const sheet = await shown('two_level', '0');
  await userEvent.click(screen.getByTestId('points-1-own-clear'));
  await sheet.flush();
  expect(sent()).toEqual(['']);
  expect(screen.queryByTestId('points-1-own-clear')).toBeNull();
  await userEvent.click(screen.getByTestId('points-1-own-yes'));
  await userEvent.click(screen.getByTestId('points-1-own-yes'));
  await sheet.flush();
  expect(sent()).toEqual(['', '1', '']);
});

it('counts times by one, never below zero or above the largest', async () => {
  const sheet = await shown('deduct', '0', { most: '2', step: '0.25', max: '5' });
  const [less, more] = screen.getAllByRole('button');
  if (!less || !more) throw new Error('no stepper');
  expect(screen.getAllByRole('button'), 'no quick maximum of a number of times').toHaveLength(2);
  for (const button of [less, more, more, more]) {
    await userEvent.click(button);
    await sheet.flush();
  }
  expect(sent()).toEqual(['0', '1', '2', '2']);
  expect(screen.getByTestId<HTMLInputElement>('points-1-own').inputMode).toBe('numeric');
});

it('shows what was entered, not the points that it comes to', async () => {
  const made = criterion('deduct_late', [cell('own', { entered: '3', points: '-1' })]);
  calls.sheet.mockResolvedValue(viewOf(made));
  const sheet = new OpenSheet('s1');
  await sheet.load();
  render(AnswerField, { sheet, criterion: made, column: 'own', label: '', editable: true, onnext: vi.fn() });
  expect(screen.getByTestId('points-1-own')).toHaveValue('3');
  expect(screen.getByTestId('worth-1-own')).toHaveTextContent('−1');
});

it('takes any number for a figure and names its unit', async () => {
  const unit = { vi: '%', en: '%' };
  await shown('figure', '95.25', { unit, step: '0', most: '100' });
  expect(screen.queryAllByRole('button')).toEqual([]);
  expect(screen.getByTestId('points-1-own')).toHaveValue('95,25');
  expect(screen.getByTestId('points-1-own')).toHaveAccessibleName('Số liệu (%), tiêu chí I.1');
});

it('says whether the evidence that is asked for is there', async () => {
  await shown('bonus', '4', { evidence: true });
  expect(screen.getByTestId('evidence-1')).toHaveAttribute('data-state', 'missing');
});
