import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import type { ClassifiedRow } from '$lib/api/types';
import Decide from '$lib/classification/Decide.svelte';
import { firstChoice, missing, requestOf, type Choice } from '$lib/classification/decision';

const row = (of: Partial<ClassifiedRow> = {}): ClassifiedRow => ({
  sheet: 's1',
  code: 'TT-13-01',
  name: 'Hà Thị Lụa',
  position: { vi: 'Viên chức', en: 'Staff' },
  ruleset: { vi: 'NĐ 335', en: 'NĐ 335' },
  total: '96.5',
  level: 'HTXSNV',
  not_rated: false,
  provisional: false,
  rank: 1,
  gates: [],
  over_quota: true,
  decided: null,
  ...of
});
const offline = { code: 'offline', message: { vi: 'Chưa kết nối được máy chủ.', en: 'Offline.' } };

function opened(of: ClassifiedRow, where: { ofUnit?: boolean; locked?: boolean } = {}) {
  const calls = { onclose: vi.fn(), ondecide: vi.fn().mockResolvedValue(null) };
  render(Decide, { row: of, ofUnit: false, locked: false, ...where, ...calls });
  return { ...calls, save: () => userEvent.click(screen.getByTestId('decide-save')) };
}

it('asks for a reason only where the decision differs from the proposal, or the period is locked', () => {
  const lacks = (of: ClassifiedRow, choice: Choice, reason: string, locked = false) =>
    missing(of, { choice, outstanding: false, reason }, locked);
  expect(lacks(row(), 'HTXSNV', '')).toBeNull();
  expect(lacks(row(), 'HTXSNV', '', true)).toBe('reason');
  expect(lacks(row(), 'HTTNV', ' ')).toBe('reason');
  expect(lacks(row(), 'HTTNV', 'Vượt tỷ lệ')).toBeNull();
  expect(lacks(row(), 'not_rated', '')).toBe('reason');
  expect(lacks(row({ level: null, not_rated: true }), 'not_rated', '')).toBeNull();
  expect(lacks(row({ level: null }), 'HTNV', ''), 'without a proposal every decision differs').toBe('reason');
  expect(lacks(row({ level: null }), '', 'vì')).toBe('level');
});

it('begins with what was decided, else with the proposal', () => {
  expect(firstChoice(row())).toBe('HTXSNV');
  expect(firstChoice(row({ level: null }))).toBe('');
  const decided = { level: null, outstanding: false, reason: 'Nghỉ dài', by: 'Lưu Thị Bưởi', at: 0 };
  expect(firstChoice(row({ decided }))).toBe('not_rated');
});

it('sends no level for "not rated", and the reason without blanks around it', () => {
  expect(requestOf(row(), { choice: 'not_rated', outstanding: false, reason: ' dưới 6 tháng ' })).toEqual({
    sheet: 's1',
    level: null,
    outstanding: false,
    reason: 'dưới 6 tháng'
  });
});

it('records the proposal with one press', async () => {
  const { ondecide, onclose, save } = opened(row());
  await save();
  expect(ondecide).toHaveBeenCalledExactlyOnceWith({
    sheet: 's1',
    level: 'HTXSNV',
    outstanding: false,
    reason: ''
  });
  expect(onclose).toHaveBeenCalledOnce();
});

it('sends nothing while the reason is missing', async () => {
  const { ondecide, save } = opened(row());
  await userEvent.click(screen.getByTestId('decide-HTTNV'));
  await save();
  expect(ondecide).not.toHaveBeenCalled();
  expect(screen.getByRole('alert')).toHaveTextContent('hãy nêu lý do');
  await userEvent.type(screen.getByTestId('decide-reason'), 'Vượt tỷ lệ');
  await save();
  expect(ondecide).toHaveBeenCalledExactlyOnceWith({
    sheet: 's1',
    level: 'HTTNV',
    outstanding: false,
    reason: 'Vượt tỷ lệ'
  });
});

it('stays open with what was typed when the server does not take it', async () => {
  const { ondecide, onclose, save } = opened(row());
  ondecide.mockResolvedValue(offline);
  await userEvent.type(screen.getByTestId('decide-reason'), 'đã họp');
  await save();
  expect(screen.getByTestId('decide-failure')).toHaveTextContent('Chưa kết nối được máy chủ.');
  expect(screen.getByTestId('decide-reason')).toHaveValue('đã họp');
  expect(onclose).not.toHaveBeenCalled();
});

it('keeps what was found outstanding in a unit, and asks it of a unit alone', async () => {
  const decided = { level: 'HTXSNV' as const, outstanding: true, reason: '', by: 'Lưu Thị Bưởi', at: 0 };
  const { ondecide, save } = opened(row({ decided }), { ofUnit: true });
  expect(screen.getByTestId('decide-outstanding')).toBeChecked();
  await save();
  expect(ondecide).toHaveBeenCalledExactlyOnceWith({
    sheet: 's1',
    level: 'HTXSNV',
    outstanding: true,
    reason: ''
  });
});
