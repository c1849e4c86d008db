import { render, screen } from '@testing-library/svelte';
import { beforeEach, expect, it, vi } from 'vitest';
import type { CodesView } from '$lib/api/types';
import { CALM_PART_MS, PART_MS } from '$lib/visit/shown.svelte';
import Screen from '../src/routes/(app)/visit/qr/+page.svelte';
import { said } from './visit';

const calls = vi.hoisted(() => ({ showQr: vi.fn(), qrPart: vi.fn() }));
vi.mock('$lib/api/qr', () => calls);

const codes = (needed: number): CodesView => ({
  needed,
  sheets: 1,
  bytes: 900,
  sentence: said('Có 1 phiếu. Ai nhìn thấy màn hình đều đọc được.')
});
const drawn = (part: number) => ({ size: 21, path: `M${part} 0h1v1h-1z` });
const after = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const path = () => screen.getByTestId('qr-code').querySelector('path')?.getAttribute('d');

/** The screen, for people who want motion or not. */
async function shown(needed: number, calm = false) {
  vi.stubGlobal('matchMedia', () => ({ matches: calm }));
  calls.showQr.mockResolvedValue(codes(needed));
  render(Screen);
  await after(0);
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.resetAllMocks();
  calls.qrPart.mockImplementation((part: number) => Promise.resolve(drawn(part)));
});

it('shows one code where it fits, and says who can read it', async () => {
  await shown(1);
  await after(5000);
  expect(path()).toBe(drawn(0).path);
  expect(calls.qrPart).toHaveBeenCalledExactlyOnceWith(0);
  expect(screen.queryByTestId('qr-next')).toBeNull();
  expect(screen.getByTestId('qr-sentence')).toHaveTextContent('Ai nhìn thấy màn hình đều đọc được.');
});

it('shows six to eight parts of a series a second, each asked for once', async () => {
  await shown(9);
  await after(1000);
  const parts = Math.floor(1000 / PART_MS);
  expect(parts).toBeGreaterThanOrEqual(6);
  expect(parts).toBeLessThanOrEqual(8);
  expect(path()).toBe(drawn(parts).path);
  expect(screen.getByTestId('qr-part')).toHaveTextContent(`Phần ${parts + 1}`);
  expect(calls.qrPart.mock.calls.flat()).toEqual([...Array(parts + 2).keys()]);
});

it('waits for a part that takes longer', async () => {
  calls.qrPart.mockImplementation(
    (part: number) => new Promise((done) => setTimeout(() => done(drawn(part)), part ? 4 * PART_MS : 0))
  );
  await shown(9);
  await after(4 * PART_MS);
  expect(path()).toBe(drawn(1).path);
  expect(calls.qrPart).toHaveBeenCalledTimes(3);
});

it('goes slowly for people who want less motion', async () => {
  await shown(9, true);
  await after(CALM_PART_MS - 1);
  expect(path()).toBe(drawn(0).path);
  await after(1);
  expect(path()).toBe(drawn(1).path);
  expect(CALM_PART_MS).toBeGreaterThan(10 * PART_MS);
});

it('stops for people who go on part by part, and runs on when they want', async () => {
  await shown(9);
  screen.getByTestId('qr-next').click();
  await after(5000);
  expect(path()).toBe(drawn(1).path);
  expect(screen.getByTestId('qr-play')).toHaveTextContent('Chạy tiếp');
  screen.getByTestId('qr-play').click();
  await after(PART_MS);
  expect(path()).toBe(drawn(2).path);
});

it('says why nothing is shown', async () => {
  calls.showQr.mockRejectedValue({ code: 'qr_nothing_waits', message: said('Không còn gì chờ gửi.') });
  vi.stubGlobal('matchMedia', () => ({ matches: false }));
  render(Screen);
  await after(0);
  expect(screen.getByTestId('qr-show-error')).toHaveTextContent('Không còn gì chờ gửi.');
});
