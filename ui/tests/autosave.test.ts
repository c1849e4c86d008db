import { beforeEach, expect, it, vi } from 'vitest';
import type { ScoreRequest, SheetView } from '$lib/api/types';
import { OpenSheet, type Field } from '$lib/sheet/open.svelte';

const calls = vi.hoisted(() => ({ sheet: vi.fn(), score: vi.fn() }));
vi.mock('$lib/api/sheet', () => calls);
const toast = vi.hoisted(() => ({ undoable: vi.fn() }));
vi.mock('$lib/shared/toast', () => toast);

const field: Field = { criterion: 1, column: 'own', field: 'points' };

/** As much of a sheet as saving looks at: one criterion, one column. */
function view(points: string | null, token: string, conflict = false): SheetView {
  const cell = {
    column: 'own',
    takes: true,
    points,
    entered: points,
    token,
    note: '',
    note_token: 'n0',
    written: null,
    conflict
  };
  const criterion = {
    number: 1,
    label: 'I.1',
    kind: 'points',
    max: '10',
    most: '10',
    step: '0.5',
    required: true,
    cells: [cell],
    lines: []
  };
  return { groups: [{ code: 'I', criteria: [criterion] }] } as unknown as SheetView;
}

const sent = () => calls.score.mock.calls.map(([request]) => request as ScoreRequest);

async function open(points: string | null = null): Promise<OpenSheet> {
  calls.sheet.mockResolvedValue(view(points, 'seen'));
  const sheet = new OpenSheet('s1');
  await sheet.load();
  return sheet;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.clearAllMocks();
});

it('saves what was typed, as typed, within a second, with the heads that were shown', async () => {
  const sheet = await open();
  calls.score.mockResolvedValue(view('8.5', 'mine'));
  sheet.begin(field);
  sheet.edit(field, '8,5');
  await vi.advanceTimersByTimeAsync(1000);
  expect(sent()).toEqual([{ sheet: 's1', ...field, text: '8,5', token: 'seen' }]);
  expect(sheet.draft(field)?.phase).toBe('saved');
});

it('saves a part of the minutes with the heads that were shown in it', async () => {
  const minutes = (text: string, token: string) =>
    ({
      ...view(null, 'seen'),
      minutes: { parts: [{ part: 'opinion', column: 'own', text, token, conflict: false }] }
    }) as unknown as SheetView;
  const opinion: Field = { criterion: 0, column: 'own', field: { minutes: 'opinion' } };
  calls.sheet.mockResolvedValue(minutes('', 'o0'));
  calls.score.mockResolvedValue(minutes('Nhất trí', 'o1'));
  const sheet = new OpenSheet('s1');
  await sheet.load();
  sheet.begin(opinion);
  sheet.edit(opinion, 'Nhất trí');
  await sheet.flush();
  expect(sent()).toEqual([{ sheet: 's1', ...opinion, text: 'Nhất trí', token: 'o0' }]);
  expect(sheet.text(opinion)).toBe('Nhất trí');
  expect(toast.undoable).not.toHaveBeenCalled();
});

it('sends one write for a burst of keys', async () => {
  const sheet = await open();
  calls.score.mockResolvedValue(view('10', 'mine'));
  sheet.begin(field);
  for (const text of ['1', '10', '10,', '10']) sheet.edit(field, text);
  await vi.advanceTimersByTimeAsync(1000);
  expect(sent().map((request) => request.text)).toEqual(['10']);
});

it('goes on from its own write', async () => {
  const sheet = await open();
  calls.score.mockResolvedValueOnce(view('8', 'mine')).mockResolvedValueOnce(view('9', 'mine-2'));
  sheet.begin(field);
  sheet.edit(field, '8');
  await vi.advanceTimersByTimeAsync(1000);
  sheet.edit(field, '9');
  await vi.advanceTimersByTimeAsync(1000);
  expect(sent().map((request) => request.token)).toEqual(['seen', 'mine']);
});

it('keeps the token of the moment when the edit began, whatever a sync brings meanwhile', async () => {
  const sheet = await open('7');
  calls.score.mockResolvedValue(view('8', 'both', true));
  sheet.begin(field);
  sheet.edit(field, '8');
  sheet.view = view('5', 'theirs');
  await sheet.commit(field);
  expect(sent()[0]?.token).toBe('seen');
});

it('never takes over heads that the person did not see', async () => {
  const sheet = await open('7');
  calls.score.mockResolvedValue(view('8', 'both', true));
  sheet.begin(field);
  sheet.edit(field, '8');
  await sheet.commit(field);
  expect(sheet.draft(field)?.token, 'the answer showed a conflict: its token would settle it unseen').toBe(
    'seen'
  );
});

it('keeps what was typed when it is refused, and shows why only after the field was left', async () => {
  const sheet = await open();
  calls.score.mockRejectedValue({ code: 'above_maximum', message: { vi: 'Tối đa là 10', en: 'Maximum 10' } });
  sheet.begin(field);
  sheet.edit(field, '85');
  await vi.advanceTimersByTimeAsync(1000);
  expect(sheet.error(field)).toBeNull();
  await sheet.commit(field);
  expect(sheet.error(field)?.code).toBe('above_maximum');
  expect(sheet.text(field)).toBe('85');
});

it('offers the way back with the value that stood there before', async () => {
  const sheet = await open('7');
  calls.score.mockResolvedValueOnce(view('8', 'mine')).mockResolvedValueOnce(view('7', 'mine-2'));
  sheet.begin(field);
  sheet.edit(field, '8');
  await sheet.commit(field);
  expect(toast.undoable).toHaveBeenCalledOnce();
  await toast.undoable.mock.calls[0]?.[1]();
  expect(sent().map(({ text, token }) => [text, token])).toEqual([
    ['8', 'seen'],
    ['7', 'mine']
  ]);
});
