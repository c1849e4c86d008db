import { beforeEach, expect, it, vi } from 'vitest';
import type { ClassificationView, OverviewView } from '$lib/api/types';
import { Desk } from '$lib/console/desk.svelte';

const calls = vi.hoisted(() => ({
  account: vi.fn(),
  overview: vi.fn(),
  unit: vi.fn(),
  classification: vi.fn(),
  aggregation: vi.fn(),
  decide: vi.fn()
}));
vi.mock('$lib/api/console', () => calls);

const period = (id: string) => ({ id }) as OverviewView['period'];
const classes = (of: string, mark: string) =>
  ({ period: period(of), units: [], quotas: [], signals: [], mark }) as unknown as ClassificationView;
const request = { sheet: 's1', level: null, outstanding: false, reason: 'dưới 6 tháng' };

async function opened(): Promise<Desk> {
  calls.account.mockResolvedValue({ login: 'a', name: 'A' });
  calls.overview.mockResolvedValue({ period: period('2022-11'), rankings: [] });
  const desk = new Desk();
  await desk.begin();
  calls.classification.mockResolvedValue(classes('2022-11', 'first'));
  desk.show({ period: '', unit: '', section: 'classes', span: '' });
  await vi.waitFor(() => expect(desk.classes).toEqual(classes('2022-11', 'first')));
  return desk;
}

beforeEach(() => vi.clearAllMocks());

it('asks for the classification of the period that is shown, and not for a ranking detail', async () => {
  await opened();
  expect(calls.classification).toHaveBeenCalledExactlyOnceWith('2022-11');
  expect(calls.unit).not.toHaveBeenCalled();
});

it('keeps a decision when figures asked for before it come late', async () => {
  const desk = await opened();
  let arrive: (late: ClassificationView) => void = () => undefined;
  calls.classification.mockReturnValue(new Promise((resolve) => (arrive = resolve)));
  const refreshed = desk.refresh();
  await vi.waitFor(() => expect(calls.classification).toHaveBeenCalledTimes(2));
  calls.decide.mockResolvedValue(classes('2022-11', 'decided'));
  expect(await desk.decide(request)).toBeNull();
  arrive(classes('2022-11', 'stale'));
  await refreshed;
  expect(desk.classes).toEqual(classes('2022-11', 'decided'));
});

it('shows another period, whatever a decision about the one before answers', async () => {
  const desk = await opened();
  calls.overview.mockResolvedValue({ period: period('2022-10'), rankings: [] });
  calls.classification.mockResolvedValue(classes('2022-10', 'october'));
  desk.show({ period: '2022-10', unit: '', section: 'classes', span: '' });
  await vi.waitFor(() => expect(desk.classes).toEqual(classes('2022-10', 'october')));
  calls.decide.mockResolvedValue(classes('2022-11', 'decided'));
  await desk.decide(request);
  expect(desk.classes).toEqual(classes('2022-10', 'october'));
});

it('tells why a decision was not taken, and keeps what is shown', async () => {
  const desk = await opened();
  const refused = { code: 'period_locked', message: { vi: 'Kỳ đã khóa.', en: 'Locked.' } };
  calls.decide.mockRejectedValue(refused);
  expect(await desk.decide(request)).toEqual(refused);
  expect(desk.classes).toEqual(classes('2022-11', 'first'));
});

it('asks for the year around the period, and leaves it when the period itself is shown again', async () => {
  const desk = await opened();
  calls.aggregation.mockResolvedValue({ period: '2022', rows: [] });
  desk.show({ period: '', unit: '', section: 'classes', span: 'year' });
  await vi.waitFor(() => expect(desk.longer?.period).toBe('2022'));
  expect(calls.aggregation).toHaveBeenCalledExactlyOnceWith('2022');
  desk.show({ period: '', unit: '', section: 'classes', span: '' });
  expect(desk.longer).toBeNull();
});
