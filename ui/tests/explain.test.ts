import { render, screen } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import type { ExplainNode } from '$lib/api/types';
import ExplainTree from '$lib/shared/ExplainTree.svelte';
import LevelMark from '$lib/shared/LevelMark.svelte';
import { shownValue } from '$lib/shared/explain';
import { outcomeOf } from '$lib/shared/level';

const value = (vi: string) => ({ value: { vi, en: vi } });

it('reads points out of a maximum, with a minus sign where points are taken', () => {
  expect(shownValue(value('59,5/70'))).toEqual({ from: '', main: '59,5', of: '/70' });
  expect(shownValue(value('-2,5/5'))).toEqual({ from: '', main: '−2,5', of: '/5' });
  expect(shownValue(value('≈ 23,33/70'))).toEqual({ from: '', main: '≈ 23,33', of: '/70' });
  expect(shownValue(value('–/10'))).toEqual({ from: '', main: '–', of: '/10' });
});

it('leaves words alone and parts what a gate changed', () => {
  expect(shownValue(value('Không đánh giá, xếp loại')).main).toBe('Không đánh giá, xếp loại');
  expect(shownValue(value('2022-11')).main).toBe('2022-11');
  expect(shownValue(value('Tốt → Hoàn thành'))).toEqual({ from: 'Tốt', main: 'Hoàn thành', of: '' });
});

it('shows the legal source of a gate, even where no rule is said', () => {
  const source = { vi: 'Nghị định 90/2020/NĐ-CP', en: 'Decree 90/2020' };
  const node: ExplainNode = {
    title: { vi: 'Kỷ luật', en: 'Discipline' },
    ...value('Hoàn thành tốt nhiệm vụ → Không hoàn thành nhiệm vụ'),
    rule: null,
    level: 'KHTNV',
    source,
    scores: [],
    children: []
  };
  render(ExplainTree, { node, open: true });
  expect(screen.getByText('Căn cứ: Nghị định 90/2020/NĐ-CP')).toBeInTheDocument();
  expect(screen.getByTestId('explain')).toHaveTextContent(/Hoàn thành tốt nhiệm vụ.*Không hoàn thành/);
});

it('tells "not rated" from "not enough data"', async () => {
  const { rerender } = render(LevelMark, { level: outcomeOf({ level: null, not_rated: true }) });
  expect(screen.getByTestId('level')).toHaveTextContent('Không đánh giá, xếp loại');
  await rerender({ level: outcomeOf({ level: null, not_rated: false }) });
  expect(screen.getByTestId('level')).toHaveTextContent('Chưa đủ dữ liệu');
});
