import { asError } from '$lib/api/error';
import { qrPart, showQr } from '$lib/api/qr';
import type { CodesView, ErrorView, QrView } from '$lib/api/types';

/** Time that a part of a series is in sight: some seven a second, which cheap cameras still catch. */
export const PART_MS = 150;
/** Where people asked for less motion. */
export const CALM_PART_MS = 2000;

/** Codes on this screen: one, or the parts of a series by turns. */
export class Shown {
  view = $state.raw<CodesView | null>(null);
  qr = $state.raw<QrView | null>(null);
  failure = $state.raw<ErrorView | null>(null);
  /** Number of the part that is shown, from 0. */
  part = $state(0);
  playing = $state(true);

  /** A reader needs more than one. */
  get series(): boolean {
    return (this.view?.needed ?? 1) > 1;
  }

  begin(): Promise<void> {
    return this.#try(async () => {
      this.view = await showQr();
      this.qr = await qrPart(0);
    });
  }

  /** Stops, and shows the next part. */
  next(): Promise<void> {
    this.playing = false;
    return this.#try(async () => {
      this.qr = await qrPart((this.part += 1));
    });
  }

  /** Shows part after part, each for `ms` at least, until the function that it answers is called. */
  play(ms: number): () => void {
    let on = true;
    const turn = async () => {
      while (on) {
        const part = this.part + 1;
        const [qr] = await Promise.all([qrPart(part), new Promise((done) => setTimeout(done, ms))]);
        if (on) [this.part, this.qr] = [part, qr];
      }
    };
    void this.#try(turn);
    return () => (on = false);
  }

  async #try(work: () => Promise<void>): Promise<void> {
    this.failure = null;
    try {
      await work();
    } catch (thrown) {
      this.failure = asError(thrown);
    }
  }
}
