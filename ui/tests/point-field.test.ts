import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import PointField from '$lib/shared/PointField.svelte';

function shown(text: string, max: string | null = '10') {
  const calls = { onbegin: vi.fn(), ontext: vi.fn(), oncommit: vi.fn(), onenter: vi.fn() };
  render(PointField, { label: 'Điểm', text, step: '0.5', max, testid: 'points', ...calls });
  return { ...calls, input: screen.getByTestId<HTMLInputElement>('points') };
}

it('shows decimals, and a new number takes the place of the old one', async () => {
  const { input, ontext } = shown('9');
  expect(input).toHaveValue('9,0');
  await userEvent.tab();
  await userEvent.tab();
  expect(input).toHaveFocus();
  await userEvent.keyboard('7');
  expect(ontext).toHaveBeenLastCalledWith('7');
});

it('shows nothing, never 0, for an unanswered criterion', () => {
  const { input } = shown('');
  expect(input).toHaveValue('');
  expect(input.placeholder).toBe('—');
});

it('shows what is no number as it was typed', () => {
  expect(shown('chín').input).toHaveValue('chín');
});

it('asks for a decimal keyboard', () => {
  expect(shown('').input.inputMode).toBe('decimal');
});

it('hands over every keystroke and saves on leaving', async () => {
  const { input, ontext, oncommit, onbegin } = shown('');
  await userEvent.type(input, '8,5');
  expect(onbegin).toHaveBeenCalled();
  expect(ontext).toHaveBeenLastCalledWith('8,5');
  await userEvent.tab();
  expect(oncommit).toHaveBeenCalled();
});

it('saves and goes on with Enter', async () => {
  const { input, oncommit, onenter } = shown('8');
  await userEvent.type(input, '{Enter}');
  expect(oncommit).toHaveBeenCalled();
  expect(onenter).toHaveBeenCalledOnce();
});

it('leaves a composition alone', async () => {
  const { input, onenter } = shown('8');
  input.focus();
  input.dispatchEvent(new CompositionEvent('compositionstart'));
  input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
  expect(onenter).not.toHaveBeenCalled();
});

it('steps and jumps with one tap', async () => {
  const { ontext } = shown('8,5');
  const buttons = screen.getAllByRole('button');
  for (const button of buttons) await userEvent.click(button);
  expect(ontext.mock.calls.map(([text]) => text as string)).toEqual(['8', '9', '0', '10']);
});
