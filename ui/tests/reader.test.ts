import { beforeEach, expect, it, vi } from 'vitest';
import type { BundleView, ReadView } from '$lib/api/types';
import { runner } from '$lib/sync/runner.svelte';
import { invitations, Reader } from '$lib/visit/reader.svelte';
import { visit } from '$lib/visit/visit.svelte';
import { said } from './visit';

const calls = vi.hoisted(() => ({ qrTexts: vi.fn(), readQr: vi.fn(), readInvitation: vi.fn() }));
vi.mock('$lib/api/qr', () => calls);
const camera = vi.hoisted(() => ({ openCamera: vi.fn() }));
vi.mock('$lib/visit/camera', () => camera);

const noCode = { code: 'qr_no_code', message: said('Không tìm thấy mã QR nào.') };
const foreign = { code: 'qr_foreign', message: said('Đây không phải mã QR của Xếp Loại.') };
const read = (received: number, of: Partial<ReadView> = {}): ReadView => ({
  received,
  needed: 3,
  taken: null,
  refused: null,
  ...of
});
const taken = { sheets: 1, sentence: said('Nhận 1 phiếu của 1 người.') } as BundleView;

function picture(name: string): File {
  const file = new File([name], name);
  // jsdom reads no files.
  file.slice = () =>
    ({ arrayBuffer: () => Promise.resolve(new TextEncoder().encode(name).buffer) }) as unknown as Blob;
  return file;
}

/** A camera that sees this, then nothing until it is closed. */
function seeing(...looks: string[][]) {
  let closed: (error: Error) => void = () => undefined;
  const nothing = new Promise<string[]>((_, reject) => (closed = reject));
  nothing.catch(() => undefined);
  const close = vi.fn(() => closed(new Error('cancelled')));
  const look = vi.fn(() => Promise.resolve(looks.shift() ?? nothing));
  camera.openCamera.mockResolvedValue({ look, close });
  return { look, close };
}

beforeEach(() => {
  vi.resetAllMocks();
  calls.qrTexts.mockImplementation((bytes: Uint8Array) => Promise.resolve([new TextDecoder().decode(bytes)]));
});

it('keeps what was read between choices of pictures, until there is enough', async () => {
  const reader = new Reader(calls.readQr);
  calls.readQr.mockResolvedValueOnce(read(2));
  await reader.pictures([picture('a'), picture('b')]);
  expect(calls.readQr).toHaveBeenCalledExactlyOnceWith(['a', 'b']);
  expect(reader.view).toMatchObject({ received: 2, needed: 3, taken: null });
  const before = runner.round;
  calls.readQr.mockResolvedValueOnce(read(3, { taken }));
  await reader.pictures([picture('c')]);
  expect(reader.view?.taken).toEqual(taken);
  expect(reader.failure).toBeNull();
  expect(runner.round, 'what came is read again').toBe(before + 1);
});

it('says which of several pictures holds no code, and takes the others', async () => {
  const reader = new Reader(calls.readQr);
  calls.qrTexts.mockRejectedValueOnce(noCode);
  calls.readQr.mockResolvedValue(read(3, { taken }));
  await reader.pictures([picture('mờ.png'), picture('b')]);
  expect(calls.readQr).toHaveBeenCalledExactlyOnceWith(['b']);
  expect(reader.view?.taken).toEqual(taken);
  expect(reader.failure?.message.vi).toBe('mờ.png: Không tìm thấy mã QR nào.');
});

it('keeps how far it was when the next picture is refused', async () => {
  const reader = new Reader(calls.readQr);
  calls.readQr.mockResolvedValueOnce(read(2)).mockRejectedValueOnce(foreign);
  await reader.pictures([picture('a')]);
  await reader.pictures([picture('other')]);
  expect(reader.failure).toEqual(foreign);
  expect(reader.view?.received).toBe(2);
});

it('looks until something is whole, past what is refused and what it has just seen', async () => {
  const reader = new Reader(calls.readQr);
  const { close } = seeing(['1'], ['1'], [], ['x'], ['2'], ['3']);
  calls.readQr
    .mockResolvedValueOnce(read(1))
    .mockRejectedValueOnce(foreign)
    .mockImplementationOnce(() => {
      expect(reader.failure, 'a refusal is shown while it looks on').toEqual(foreign);
      expect(reader.view?.received).toBe(1);
      return Promise.resolve(read(2));
    })
    .mockResolvedValueOnce(read(3, { taken }));
  await reader.look();
  expect(calls.readQr.mock.calls.flat(2)).toEqual(['1', 'x', '2', '3']);
  expect(reader.view?.taken).toEqual(taken);
  expect(reader.failure).toBeNull();
  expect(close).toHaveBeenCalled();
  expect(reader.busy).toBeNull();
});

it('stops when it is asked to, without a word', async () => {
  const reader = new Reader(calls.readQr);
  const { look, close } = seeing();
  const looking = reader.look();
  await vi.waitFor(() => expect(look).toHaveBeenCalled());
  reader.stop();
  await looking;
  expect(close).toHaveBeenCalled();
  expect(reader.failure).toBeNull();
  expect(reader.camera).toBeNull();
});

it('closes a camera that opens after it was stopped', async () => {
  const reader = new Reader(calls.readQr);
  const { look, close } = seeing(['1']);
  const looking = reader.look();
  reader.stop();
  await looking;
  expect(look).not.toHaveBeenCalled();
  expect(close).toHaveBeenCalled();
});

it('says that there is no camera, and tells later failures too', async () => {
  const reader = new Reader(calls.readQr);
  const none = { code: 'no_camera', message: said('Không có camera.') };
  camera.openCamera.mockRejectedValue(none);
  await reader.look();
  expect(reader.failure).toEqual(none);
  reader.stop();
  calls.qrTexts.mockRejectedValueOnce(noCode);
  await reader.pictures([picture('a')]);
  expect(reader.failure).toEqual(noCode);
});

it('goes to the hub whose code it has read', async () => {
  const join = vi.spyOn(visit, 'join').mockResolvedValue();
  seeing(['XEPLOAI:HUB/…']);
  calls.readInvitation.mockResolvedValue('XEPLOAI:HUB/…');
  await invitations.look();
  expect(visit.invitation).toBe('XEPLOAI:HUB/…');
  expect(join).toHaveBeenCalledOnce();
  expect(invitations.view).toBeNull();
});
