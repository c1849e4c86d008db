import { asError, fault } from '$lib/api/error';
import { qrTexts } from '$lib/api/qr';
import * as scanner from '$lib/api/scanner';

/** Looks for codes, one look after the other. */
export interface Camera {
  /** The texts of codes that it sees next: none when a look finds none. */
  look(): Promise<string[]>;
  close(): void;
  /** What it sees; absent where the system shows it behind the page. */
  video?: HTMLVideoElement;
}

/** The phone's scanner; elsewhere a camera that the page may use. Rejects with an `ErrorView` where there is neither. */
export async function openCamera(): Promise<Camera> {
  const phone = await scanner.checkPermissions().catch(() => null);
  return phone ? openScanner() : openWebcam();
}

async function openScanner(): Promise<Camera> {
  const { camera } = await scanner.requestPermissions();
  if (camera !== 'granted') throw fault('camera_denied');
  return {
    look: async () => [(await scanner.scan()).content],
    close: () => void scanner.cancel().catch(() => undefined)
  };
}

async function openWebcam(): Promise<Camera> {
  const wanted = { video: { facingMode: 'environment', width: { ideal: 1280 } } };
  // WebKitGTK may have none of it.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  const stream = await devices?.getUserMedia(wanted).catch(() => undefined);
  if (!stream) throw fault('no_camera');
  const video = document.createElement('video');
  video.muted = video.playsInline = true;
  video.srcObject = stream;
  await video.play();
  return {
    video,
    look: () => textsIn(video),
    close: () => stream.getTracks().forEach((track) => track.stop())
  };
}

/** The texts of the codes in what a camera sees now. */
async function textsIn(video: HTMLVideoElement): Promise<string[]> {
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext('2d')?.drawImage(video, 0, 0);
  const picture = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', 0.9));
  if (!picture) return [];
  try {
    return await qrTexts(new Uint8Array(await picture.arrayBuffer()));
  } catch (thrown) {
    if (asError(thrown).code === 'qr_no_code') return [];
    throw thrown;
  }
}
