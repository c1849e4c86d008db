import { exportBundle, importBundle } from '$lib/api/bundle';
import { asError } from '$lib/api/error';
import type { BundleView, ErrorView } from '$lib/api/types';
import { m } from '$lib/paraglide/messages.js';
import { runner } from '$lib/sync/runner.svelte';

/** Twice as long as the content of a file may be. */
const BYTES_MAX = 128 * 1024 * 1024;

/** Records in files: what was done last, whichever screen is shown meanwhile. */
export class Files {
  busy = $state<'save' | 'open' | null>(null);
  done = $state.raw<BundleView | null>(null);
  failure = $state.raw<ErrorView | null>(null);

  save(): Promise<void> {
    return this.#run('save', exportBundle);
  }

  open(file: File): Promise<void> {
    return this.#run('open', async () => {
      if (file.size > BYTES_MAX) {
        const message = {
          vi: m.bundle_too_long({}, { locale: 'vi' }),
          en: m.bundle_too_long({}, { locale: 'en' })
        };
        throw { code: 'bundle_too_large', message } satisfies ErrorView;
      }
      return importBundle(new Uint8Array(await file.arrayBuffer()));
    });
  }

  async #run(step: 'save' | 'open', work: () => Promise<BundleView>): Promise<void> {
    if (this.busy) return;
    this.busy = step;
    this.done = null;
    this.failure = null;
    try {
      this.done = await work();
      // What came must be read again.
      runner.round += 1;
    } catch (thrown) {
      this.failure = asError(thrown);
    } finally {
      this.busy = null;
    }
  }
}

export const files = new Files();
