import { render, screen } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import { claimed } from '$lib/shared/format';
import Replaced from '$lib/sheet/Replaced.svelte';
import ClockNotice from '$lib/sync/ClockNotice.svelte';

const said = { vi: 'một câu', en: 'a sentence' };

it('says that the clock is wrong while it is, and nothing else', async () => {
  const { rerender } = render(ClockNotice, { clock: said });
  expect(screen.getByTestId('clock')).toHaveTextContent('một câu');
  await rerender({ clock: null });
  expect(screen.queryByTestId('clock')).toBeNull();
});

it('leads from a sheet whose criteria set was replaced to the new one', () => {
  render(Replaced, { replaced: { by: 'a b', notice: said } });
  expect(screen.getByTestId('replaced')).toHaveTextContent('một câu');
  expect(screen.getByTestId('open-new')).toHaveAttribute('href', '/sheet?id=a%20b');
});

it('marks a time that was claimed by a wrong clock', () => {
  const at = 1_669_187_100;
  expect(claimed({ at, clock_wrong: false })).toBe('14:05, 23/11/2022');
  expect(claimed({ at, clock_wrong: true })).toBe('14:05, 23/11/2022 (đồng hồ của máy sai)');
});
