import { beforeEach, expect, it, vi } from 'vitest';
import type { BundleView } from '$lib/api/types';
import { runner } from '$lib/sync/runner.svelte';
import { Files } from '$lib/visit/files.svelte';
import { said } from './visit';

const calls = vi.hoisted(() => ({ exportBundle: vi.fn(), importBundle: vi.fn(), openedBundle: vi.fn() }));
vi.mock('$lib/api/bundle', () => calls);

const view = (vi: string) => ({ sentence: said(vi), file: '' }) as BundleView;
const taken = (vi: string) => ({ Ok: view(vi) });
const cut = { code: 'bundle_cut', message: said('Tệp bị thiếu phần cuối.') };
const notEnrolled = { code: 'not_enrolled', message: said('Máy này chưa đăng ký.') };

/** What the shell answers, one call after the other; then that there is nothing more. */
function waiting(...answers: unknown[]) {
  calls.openedBundle.mockImplementation(() => Promise.resolve(answers.shift() ?? null));
}

beforeEach(() => vi.resetAllMocks());

it('takes in every file that was opened, and shows what came of each', async () => {
  waiting(taken('Nhận 1 phiếu của 1 người.'), { Err: cut }, taken('Nhận 2 phiếu của 1 người.'));
  const files = new Files();
  const before = runner.round;
  expect(await files.takeOpened()).toBe(true);
  expect(files.done.map((done) => done.sentence.vi)).toEqual([
    'Nhận 1 phiếu của 1 người.',
    'Nhận 2 phiếu của 1 người.'
  ]);
  expect(files.failures).toEqual([cut]);
  expect(files.busy).toBeNull();
  expect(runner.round, 'other screens read again').toBe(before + 2);
});

it('has nothing to show where nothing was opened', async () => {
  waiting();
  expect(await new Files().takeOpened()).toBe(false);
});

it('says that nobody is enrolled, and asks again when it is told to', async () => {
  calls.openedBundle.mockRejectedValueOnce(notEnrolled);
  const files = new Files();
  expect(await files.takeOpened()).toBe(true);
  expect(files.failures).toEqual([notEnrolled]);
  waiting(taken('Nhận 1 phiếu của 1 người.'));
  expect(await files.takeOpened()).toBe(true);
  expect(files.failures).toEqual([]);
  expect(files.done).toHaveLength(1);
});

it('waits for what is under way, and misses none that is opened meanwhile', async () => {
  let finish: (view: BundleView) => void = () => undefined;
  calls.exportBundle.mockReturnValue(new Promise<BundleView>((resolve) => (finish = resolve)));
  waiting(taken('Nhận 1 phiếu của 1 người.'));
  const files = new Files();
  const saving = files.save();
  const both = [files.takeOpened(), files.takeOpened()];
  expect(calls.openedBundle).not.toHaveBeenCalled();
  finish(view('Đã ghi.'));
  await saving;
  await Promise.all(both);
  expect(calls.openedBundle, 'the second asks for itself').toHaveBeenCalledTimes(3);
});
