import { asError } from '$lib/api/error';
import { qrTexts, readInvitation, readQr } from '$lib/api/qr';
import type { ErrorView, ReadView } from '$lib/api/types';
import { runner } from '$lib/sync/runner.svelte';
import { openCamera, type Camera } from './camera';
import { visit } from './visit.svelte';

/** Longest file that is looked at: photographs are shorter. */
const BYTES_MAX = 64 * 1024 * 1024;

/** Where the texts of codes go; nothing comes back when that was all and is shown elsewhere. */
type Target = (texts: string[]) => Promise<ReadView | null>;

/** Reads codes, with a camera or from pictures: what came of it stays, whichever screen is shown meanwhile. */
export class Reader {
  busy = $state<'camera' | 'pictures' | null>(null);
  /** While it looks. */
  camera = $state.raw<Camera | null>(null);
  /** How far it is, or what was taken in. */
  view = $state.raw<ReadView | null>(null);
  failure = $state.raw<ErrorView | null>(null);

  readonly #target: Target;
  #stopped = false;

  constructor(target: Target) {
    this.#target = target;
  }

  /** Looks with the camera until something is whole, or `stop`. */
  look(): Promise<void> {
    return this.#run('camera', async () => {
      this.camera = await openCamera();
      let last = '';
      while (!this.#stopped) {
        const texts = await this.camera.look();
        // A code stays in sight for many looks.
        if (!texts.length || texts.join('\n') === last) continue;
        last = texts.join('\n');
        if (await this.#take(texts)) break;
      }
    });
  }

  stop(): void {
    this.#stopped = true;
    this.camera?.close();
  }

  /** Reads what is in pictures, as if they were one. */
  pictures(files: File[]): Promise<void> {
    return this.#run('pictures', async () => {
      const texts: string[] = [];
      let unread: ErrorView | null = null;
      for (const file of files) {
        try {
          const picture = await file.slice(0, BYTES_MAX).arrayBuffer();
          texts.push(...(await qrTexts(new Uint8Array(picture))));
        } catch (thrown) {
          unread ??= files.length > 1 ? named(file, asError(thrown)) : asError(thrown);
        }
      }
      if (texts.length) await this.#take(texts);
      this.failure ??= unread;
    });
  }

  /** Whether that was all. A code that is refused is told, and the next one looked for. */
  async #take(texts: string[]): Promise<boolean> {
    try {
      this.view = await this.#target(texts);
      this.failure = this.view?.refused ?? null;
    } catch (thrown) {
      this.failure = asError(thrown);
      return false;
    }
    // What came must be read again.
    if (this.view?.taken) runner.round += 1;
    return !this.view || !!this.view.taken;
  }

  async #run(by: 'camera' | 'pictures', work: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = by;
    this.#stopped = false;
    this.failure = null;
    if (this.view?.taken) this.view = null;
    try {
      await work();
    } catch (thrown) {
      // A scanner that is stopped rejects.
      if (!this.#stopped) this.failure = asError(thrown);
    } finally {
      this.camera?.close();
      this.camera = null;
      this.busy = null;
    }
  }
}

/** Which of several files an error is about. */
function named(file: File, { code, message: { vi, en } }: ErrorView): ErrorView {
  return { code, message: { vi: `${file.name}: ${vi}`, en: `${file.name}: ${en}` } };
}

export const records = new Reader(readQr);
/** Reads the code of a hub, and goes there. */
export const invitations = new Reader(async (texts) => {
  visit.invitation = await readInvitation(texts);
  void visit.join();
  return null;
});
