import { beforeEach, expect, it, vi } from 'vitest';
import { openCamera } from '$lib/visit/camera';

const scanner = vi.hoisted(() => ({
  checkPermissions: vi.fn(),
  requestPermissions: vi.fn(),
  scan: vi.fn(),
  cancel: vi.fn()
}));
vi.mock('$lib/api/scanner', () => scanner);
const calls = vi.hoisted(() => ({ qrTexts: vi.fn() }));
vi.mock('$lib/api/qr', () => calls);

/** What the page may ask of cameras. */
function devices(getUserMedia?: () => Promise<MediaStream>) {
  Object.defineProperty(navigator, 'mediaDevices', {
    value: getUserMedia && { getUserMedia },
    configurable: true
  });
}

beforeEach(() => {
  vi.resetAllMocks();
  scanner.checkPermissions.mockRejectedValue('plugin barcode-scanner not found');
  scanner.cancel.mockResolvedValue(undefined);
  devices();
});

it('looks with the scanner of a phone, whose picture is behind the page', async () => {
  scanner.checkPermissions.mockResolvedValue({ camera: 'prompt' });
  scanner.requestPermissions.mockResolvedValue({ camera: 'granted' });
  scanner.scan.mockResolvedValue({ content: 'XEPLOAI:QR/BB8' });
  const camera = await openCamera();
  expect(camera.video).toBeUndefined();
  expect(await camera.look()).toEqual(['XEPLOAI:QR/BB8']);
  camera.close();
  expect(scanner.cancel).toHaveBeenCalledOnce();
});

it('says that the phone does not allow it', async () => {
  scanner.checkPermissions.mockResolvedValue({ camera: 'denied' });
  scanner.requestPermissions.mockResolvedValue({ camera: 'denied' });
  await expect(openCamera()).rejects.toMatchObject({ code: 'camera_denied' });
});

it('says that there is none, whether the page has no way to ask or the answer is no', async () => {
  await expect(openCamera()).rejects.toMatchObject({ code: 'no_camera' });
  devices(() => Promise.reject(new DOMException('no', 'NotAllowedError')));
  await expect(openCamera()).rejects.toMatchObject({ code: 'no_camera' });
});

it('reads what a camera of the page sees; no code in sight is no error', async () => {
  const stop = vi.fn();
  devices(() => Promise.resolve({ getTracks: () => [{ stop }] } as unknown as MediaStream));
  vi.spyOn(HTMLMediaElement.prototype, 'play').mockResolvedValue();
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null);
  const jpeg = { arrayBuffer: () => Promise.resolve(new Uint8Array([1, 2]).buffer) } as Blob;
  vi.spyOn(HTMLCanvasElement.prototype, 'toBlob').mockImplementation((done) => done(jpeg));
  const camera = await openCamera();
  const refusal = (code: string) => ({ code, message: { vi: '', en: '' } });
  calls.qrTexts.mockRejectedValueOnce(refusal('qr_no_code')).mockResolvedValueOnce(['a']);
  expect(await camera.look()).toEqual([]);
  expect(await camera.look()).toEqual(['a']);
  expect(calls.qrTexts).toHaveBeenLastCalledWith(new Uint8Array([1, 2]));
  calls.qrTexts.mockRejectedValueOnce(refusal('store_failed'));
  await expect(camera.look()).rejects.toMatchObject({ code: 'store_failed' });
  camera.close();
  expect(stop).toHaveBeenCalledOnce();
});
