import { beforeEach, expect, it, vi } from 'vitest';
import type { SyncReport, VisitView } from '$lib/api/types';
import { runner } from '$lib/sync/runner.svelte';
import { Visit } from '$lib/visit/visit.svelte';
import { hub, link, said, view } from './visit';

const calls = vi.hoisted(() => ({ visit: vi.fn(), openHub: vi.fn(), closeHub: vi.fn(), joinHub: vi.fn() }));
vi.mock('$lib/api/visit', () => calls);

const broken = { code: 'link_broken', message: said('Mất kết nối.') };
const report = (of: Partial<SyncReport> = {}) => ({ ok: true, failure: null, ...of }) as SyncReport;
const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1000);

/** A promise, and what keeps it. */
function later<T>() {
  let keep: (value: T) => void = () => undefined;
  return { promise: new Promise<T>((resolve) => (keep = resolve)), keep: (value: T) => keep(value) };
}

async function watched(first: VisitView) {
  calls.visit.mockResolvedValue(first);
  const visit = new Visit();
  const leave = visit.watch();
  await seconds(0);
  return { visit, leave };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.resetAllMocks();
});

it('looks once while nothing is open, and every second while a hub is', async () => {
  const { visit, leave } = await watched(view());
  await seconds(5);
  expect(calls.visit).toHaveBeenCalledTimes(1);
  calls.openHub.mockResolvedValue(view({ hub: hub() }));
  calls.visit.mockResolvedValue(view({ hub: hub({ links: [link()] }) }));
  await visit.open();
  await seconds(3);
  expect(calls.visit).toHaveBeenCalledTimes(4);
  expect(visit.view?.hub?.links).toHaveLength(1);
  leave();
});

it('stops when the screen is left, and when the hub has closed by itself', async () => {
  const { visit, leave } = await watched(view({ hub: hub() }));
  leave();
  await seconds(5);
  expect(calls.visit).toHaveBeenCalledTimes(1);
  calls.visit.mockResolvedValue(view({ hub: hub({ open: false }) }));
  const leaveAgain = visit.watch();
  await seconds(5);
  expect(calls.visit).toHaveBeenCalledTimes(2);
  leaveAgain();
});

it('does not ask again before it was answered', async () => {
  const { leave } = await watched(view({ hub: hub() }));
  const slow = later<VisitView>();
  calls.visit.mockReturnValue(slow.promise);
  await seconds(5);
  document.dispatchEvent(new Event('visibilitychange'));
  await seconds(5);
  expect(calls.visit).toHaveBeenCalledTimes(2);
  slow.keep(view({ hub: hub() }));
  await seconds(1);
  expect(calls.visit).toHaveBeenCalledTimes(3);
  leave();
});

it('keeps what was seen when a look fails, and goes on', async () => {
  const { visit, leave } = await watched(view({ hub: hub() }));
  calls.visit.mockRejectedValueOnce(broken);
  await seconds(1);
  expect(visit.view?.hub?.open).toBe(true);
  expect(visit.failure?.code).toBe('link_broken');
  await seconds(1);
  expect(visit.failure).toBeNull();
  leave();
});

it('does not go back to what was asked before the hub was opened', async () => {
  const { visit, leave } = await watched(view());
  const stale = later<VisitView>();
  calls.visit.mockReturnValueOnce(stale.promise).mockReturnValue(later<VisitView>().promise);
  void visit.look();
  calls.openHub.mockResolvedValue(view({ hub: hub() }));
  await visit.open();
  stale.keep(view());
  await seconds(0);
  expect(visit.view?.hub?.open).toBe(true);
  expect(calls.visit, 'asked again at once').toHaveBeenCalledTimes(3);
  leave();
});

it('looks while it joins, then once more, and tells the other screens', async () => {
  const { visit, leave } = await watched(view());
  const joined = later<SyncReport>();
  calls.joinHub.mockReturnValue(joined.promise);
  calls.visit.mockResolvedValue(view({ guest: link() }));
  visit.invitation = ' 192.168.43.1 K7QP ';
  void visit.join();
  await seconds(2);
  expect(calls.joinHub).toHaveBeenCalledExactlyOnceWith('192.168.43.1 K7QP');
  expect(visit.guest?.handed).toBe(12);
  expect(visit.joining).toBe(true);
  const before = runner.round;
  calls.visit.mockResolvedValue(view({ guest: link({ state: 'done' }) }));
  joined.keep(report());
  await seconds(0);
  expect(visit.guest?.state).toBe('done');
  expect(runner.round).toBe(before + 1);
  const looks = calls.visit.mock.calls.length;
  await seconds(5);
  expect(calls.visit).toHaveBeenCalledTimes(looks);
  leave();
});

it('keeps the invitation and says why, whether the command or its report failed', async () => {
  const { visit, leave } = await watched(view());
  visit.invitation = '192.168.43.1 K7QP';
  for (const answer of [() => Promise.reject(broken), () => Promise.resolve(report({ failure: broken }))]) {
    calls.joinHub.mockImplementationOnce(answer);
    await visit.join();
    expect(visit.refused).toEqual({ step: 'join', error: broken });
    expect(visit.invitation).toBe('192.168.43.1 K7QP');
    expect(visit.joining).toBe(false);
  }
  leave();
});

it('does not show the former meeting while it goes to another one', async () => {
  const { visit, leave } = await watched(view({ guest: link({ state: 'failed', code: '111222' }) }));
  expect(visit.guest?.code).toBe('111222');
  calls.joinHub.mockReturnValue(later<SyncReport>().promise);
  visit.invitation = 'x';
  void visit.join();
  await seconds(1);
  expect(visit.guest).toBeNull();
  calls.visit.mockResolvedValue(view({ guest: link({ state: 'greeting' }) }));
  await seconds(1);
  expect(visit.guest?.code).toBe('482916');
  leave();
});

it('does one thing at a time', async () => {
  const { visit, leave } = await watched(view());
  calls.openHub.mockReturnValue(later<VisitView>().promise);
  void visit.open();
  void visit.open();
  expect(calls.openHub).toHaveBeenCalledOnce();
  leave();
});
