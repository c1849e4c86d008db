import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it, vi } from 'vitest';
import type { Me, VisitView } from '$lib/api/types';
import { session } from '$lib/enrol/session.svelte';
import { files as carried } from '$lib/visit/files.svelte';
import { visit } from '$lib/visit/visit.svelte';
import Screen from '../src/routes/(app)/visit/+page.svelte';
import { hub, link, said, view } from './visit';

const calls = vi.hoisted(() => ({
  visit: vi.fn(),
  openHub: vi.fn(),
  closeHub: vi.fn(),
  joinHub: vi.fn(),
  candidates: vi.fn(),
  enrolNewcomer: vi.fn(),
  declineNewcomer: vi.fn()
}));
vi.mock('$lib/api/visit', () => calls);
const files = vi.hoisted(() => ({ exportBundle: vi.fn(), importBundle: vi.fn() }));
vi.mock('$lib/api/bundle', () => files);

const broken = { code: 'link_broken', message: said('Mất kết nối khi đã trao 7 trong 18 thay đổi.') };

async function shown(first: VisitView, reviews = false) {
  session.me = { name: 'A', device: 'Máy A', reviews } as Me;
  calls.visit.mockResolvedValue(first);
  render(Screen);
  await waitFor(() => expect(visit.view).toEqual(first));
}

beforeEach(() => {
  vi.resetAllMocks();
  Object.assign(carried, { busy: null, done: [], failures: [] });
  Object.assign(visit, { view: null, failure: null, invitation: '', step: null, refused: null });
});

it('puts the way first that a person most likely wants', async () => {
  const order = () => screen.getAllByTestId(/^visit-(open|join)$/).map((each) => each.dataset.testid);
  await shown(view());
  expect(order()).toEqual(['visit-join', 'visit-open']);
  expect(screen.getByTestId('visit-join')).toHaveClass('primary');
});

it('puts the hub first for people who review', async () => {
  await shown(view(), true);
  expect(screen.getAllByTestId(/^visit-(open|join)$/)[0]).toHaveAttribute('data-testid', 'visit-open');
  expect(screen.getByTestId('visit-open')).toHaveClass('primary');
  expect(screen.getByTestId('visit-join')).not.toHaveClass('primary');
});

it('shows the invitation of an open hub, drawn and typed', async () => {
  await shown(view());
  calls.openHub.mockResolvedValue(view({ hub: hub() }));
  await userEvent.click(screen.getByTestId('visit-open'));
  const drawn = await screen.findByTestId('visit-qr');
  expect(drawn).toHaveAttribute('viewBox', '-4 -4 29 29');
  expect(drawn).toHaveAttribute('role', 'img');
  expect(drawn.querySelector('path')).toHaveAttribute('d', 'M0 0h7v1h-7z');
  expect(screen.getByTestId('visit-typed-0').textContent?.trim()).toBe('192.168.43.1 K7QP-3MXN-ABCD-EFGH');
  expect(screen.getByTestId('visit-typed-1')).toHaveTextContent('10.0.0.12 K7QP-3MXN-ABCD-EFGH');
  expect(screen.getByTestId('visit-sentence')).toHaveTextContent('Chưa nhận thay đổi nào.');
});

it('shows who is at it with the code and how much is handed over, and who came before', async () => {
  const done = link({
    name: '',
    state: 'done',
    code: '730254',
    handed: 24,
    total: 24,
    sentence: said('Đủ.')
  });
  await shown(view({ hub: hub({ links: [link(), done] }) }), true);
  const first = screen.getByTestId('visit-link-0');
  expect(first).toHaveAttribute('data-state', 'exchanging');
  expect(screen.getByTestId('visit-code').textContent).toBe('482916');
  expect(within(first).getByRole('progressbar')).toHaveAttribute('value', '12');
  expect(within(first).getByRole('progressbar')).toHaveAttribute('max', '18');
  const second = screen.getByTestId('visit-link-1');
  expect(second).toHaveTextContent('Người chưa rõ tên');
  expect(second).toHaveTextContent('Đủ.');
});

it('shows no bar while it is not known how much there is', async () => {
  await shown(view({ hub: hub({ links: [link({ state: 'greeting', handed: 0, total: 0 })] }) }));
  expect(screen.queryByRole('progressbar')).toBeNull();
});

it('keeps what a closed hub took in, with a way to start again', async () => {
  await shown(view({ hub: hub() }));
  const past = hub({ open: false, links: [link({ state: 'done' })], sentence: said('Đã nhận 18 thay đổi.') });
  calls.closeHub.mockResolvedValue(view({ hub: past }));
  await userEvent.click(screen.getByTestId('visit-close'));
  expect(await screen.findByTestId('visit-sentence')).toHaveTextContent('Đã nhận 18 thay đổi.');
  expect(screen.getByTestId('visit-link-0')).toHaveAttribute('data-state', 'done');
  expect(screen.getByTestId('visit-code').textContent).toBe('482916');
  expect(screen.getByTestId('visit-open')).toHaveTextContent('Bắt đầu buổi mới');
  expect(screen.queryByTestId('visit-qr')).toBeNull();
});

it('keeps the typed invitation after an error, which stands at the field', async () => {
  await shown(view());
  calls.joinHub.mockRejectedValue({ code: 'invitation_unreadable', message: said('Không đọc được.') });
  const field = screen.getByTestId('visit-invitation');
  await userEvent.type(field, 'K7QP{Enter}');
  expect(await screen.findByTestId('visit-error')).toHaveTextContent('Không đọc được.');
  expect(field).toHaveAccessibleDescription('Không đọc được.');
  expect(field).toHaveValue('K7QP');
  expect(screen.getByTestId('visit-join')).toHaveTextContent('Thử lại');
});

it('asks for an invitation before it goes anywhere', async () => {
  await shown(view());
  await userEvent.click(screen.getByTestId('visit-join'));
  expect(screen.getByTestId('visit-error')).toHaveTextContent('Hãy nhập mã kết nối');
  expect(calls.joinHub).not.toHaveBeenCalled();
});

it('says once why a meeting broke off, with the code for support', async () => {
  await shown(view());
  calls.joinHub.mockResolvedValue({ ok: false, failure: broken });
  calls.visit.mockResolvedValue(view({ guest: link({ state: 'failed', handed: 7, failure: broken }) }));
  await userEvent.type(screen.getByTestId('visit-invitation'), '192.168.43.1 K7QP');
  await userEvent.click(screen.getByTestId('visit-join'));
  expect(await screen.findByTestId('visit-guest-sentence')).toHaveTextContent(broken.message.vi);
  expect(screen.getByTestId('visit-guest')).toHaveTextContent('Mã hỗ trợ: link_broken');
  await waitFor(() => expect(screen.getByTestId('visit-join')).toHaveTextContent('Thử lại'));
  expect(screen.queryByTestId('visit-error')).toBeNull();
  expect(screen.getByTestId('visit-invitation')).toHaveValue('192.168.43.1 K7QP');
});

it('says why no hub was opened', async () => {
  await shown(view(), true);
  calls.openHub.mockRejectedValue({ code: 'no_network', message: said('Máy chưa vào Wi-Fi nào.') });
  await userEvent.click(screen.getByTestId('visit-open'));
  expect(await screen.findByTestId('visit-error')).toHaveTextContent('Máy chưa vào Wi-Fi nào.');
});

it('says where a file was saved, and why one that was chosen is not taken', async () => {
  await shown(view());
  const saved = {
    people: [],
    sheets: 1,
    sent: 0,
    bytes: 10,
    file: '/tai-ve/a.xlb',
    sentence: said('Đã ghi 1 phiếu.')
  };
  files.exportBundle.mockResolvedValue(saved);
  await userEvent.click(screen.getByTestId('bundle-save'));
  expect(await screen.findByTestId('bundle-done')).toHaveTextContent('Đã ghi 1 phiếu. Tệp: /tai-ve/a.xlb');
  files.importBundle.mockRejectedValue({ code: 'not_a_bundle', message: said('Không phải tệp .xlb.') });
  const chosen = new File(['..'], 'b.xlb');
  // jsdom reads no files.
  chosen.arrayBuffer = () => Promise.resolve(new Uint8Array([1, 2]).buffer);
  await userEvent.upload(screen.getByTestId('bundle-file'), chosen);
  expect(await screen.findByTestId('bundle-error')).toHaveTextContent('Không phải tệp .xlb.');
  expect(files.importBundle).toHaveBeenCalledWith(new Uint8Array([1, 2]));
});

const newcomer = link({ number: 4, name: 'NV-0417', known: false, unit: '', state: 'asking' });
const candidates = [
  { id: 'a', code: 'NV-0412', name: 'Nguyễn Văn Bách', unit: 'TT', devices: 0 },
  { id: 'b', code: 'NV-0417', name: 'Hà Thị Lụa', unit: 'TT', devices: 2 }
];

it('asks whose a new device is, and says so once a person has chosen', async () => {
  calls.candidates.mockResolvedValue(candidates);
  await shown(view({ hub: hub({ links: [newcomer] }) }), true);
  const whose = screen.getByTestId('newcomer-person');
  await waitFor(() => expect(whose).toHaveValue('b'));
  expect(screen.getByTestId('newcomer-devices')).toHaveTextContent('Hà Thị Lụa đã có 2 máy');
  await userEvent.selectOptions(whose, '');
  expect(screen.getByTestId('newcomer-enrol')).toHaveAttribute('aria-disabled', 'true');
  await userEvent.selectOptions(whose, 'a');
  calls.enrolNewcomer.mockResolvedValue(view({ hub: hub({ links: [link({ state: 'enrolled' })] }) }));
  await userEvent.click(screen.getByTestId('newcomer-enrol'));
  expect(calls.enrolNewcomer).toHaveBeenCalledWith(4, 'a');
  await waitFor(() => expect(screen.queryByTestId('newcomer-enrol')).toBeNull());
});

it('sends a new device away, and says why one can’t be enrolled', async () => {
  calls.candidates.mockResolvedValue(candidates);
  await shown(view({ hub: hub({ links: [newcomer] }) }), true);
  await waitFor(() => expect(screen.getByTestId('newcomer-enrol')).not.toHaveAttribute('aria-disabled'));
  calls.enrolNewcomer.mockRejectedValue({
    code: 'delegation_expired',
    message: said('Chưa đồng bộ 30 ngày.')
  });
  await userEvent.click(screen.getByTestId('newcomer-enrol'));
  expect(await screen.findByText(/Chưa đồng bộ 30 ngày/)).toBeInTheDocument();
  calls.declineNewcomer.mockResolvedValue(view({ hub: hub() }));
  await userEvent.click(screen.getByTestId('newcomer-decline'));
  expect(calls.declineNewcomer).toHaveBeenCalledWith(4);
});
