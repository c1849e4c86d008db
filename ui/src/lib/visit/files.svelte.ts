import { exportBundle, importBundle, openedBundle } from '$lib/api/bundle';
import { asError } from '$lib/api/error';
import type { BundleView, ErrorView } from '$lib/api/types';
import { m } from '$lib/paraglide/messages.js';
import { runner } from '$lib/sync/runner.svelte';

/** Twice as long as the content of a file may be. */
const BYTES_MAX = 128 * 1024 * 1024;

/** Records in files: what was done last, whichever screen is shown meanwhile. */
export class Files {
  busy = $state<'save' | 'open' | null>(null);
  /** What came of it: where several were opened at once, of each of them. */
  done = $state.raw<BundleView[]>([]);
  failures = $state.raw<ErrorView[]>([]);
  #last = Promise.resolve();

  save(): Promise<void> {
    return this.#run('save', async () => this.#add(await exportBundle()));
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
      this.#add(await importBundle(new Uint8Array(await file.arrayBuffer())));
    });
  }

  /** Takes in what the system gives the app to open, as soon as nothing else is under way; says whether there was anything. */
  async takeOpened(): Promise<boolean> {
    while (this.busy) await this.#last;
    await this.#run('open', async () => {
      for (let taken = await openedBundle(); taken; taken = await openedBundle()) {
        if ('Ok' in taken) this.#add(taken.Ok);
        else this.failures = [...this.failures, taken.Err];
      }
    });
    return this.done.length + this.failures.length > 0;
  }

  #add(view: BundleView) {
    this.done = [...this.done, view];
    // What came must be read again.
    runner.round += 1;
  }

  #run(step: 'save' | 'open', work: () => Promise<void>): Promise<void> {
    if (this.busy) return this.#last;
    this.busy = step;
    this.done = [];
    this.failures = [];
    this.#last = work()
      .catch((thrown: unknown) => void (this.failures = [...this.failures, asError(thrown)]))
      .finally(() => (this.busy = null));
    return this.#last;
  }
}

export const files = new Files();
