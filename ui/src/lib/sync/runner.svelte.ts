import { asError } from '$lib/api/error';
import * as api from '$lib/api/sync';
import type { ErrorView, SyncReport } from '$lib/api/types';

/** Sync as a whole: on start, when the network comes back, when the app is looked at again, and on demand. */
class Runner {
  online = $state(navigator.onLine);
  running = $state(false);
  report = $state.raw<SyncReport | null>(null);
  failure = $state.raw<ErrorView | null>(null);
  /** Grows when a sync ends: screens then read again. */
  round = $state(0);

  async run(): Promise<void> {
    if (this.running) return;
    this.running = true;
    try {
      this.report = await api.sync();
      this.failure = this.report.failure;
    } catch (thrown) {
      this.report = null;
      this.failure = asError(thrown);
    } finally {
      this.running = false;
      this.round += 1;
    }
  }

  start(): () => void {
    const cameOnline = () => {
      this.online = true;
      void this.run();
    };
    const wentOffline = () => (this.online = false);
    const resumed = () => {
      if (document.visibilityState === 'visible') void this.run();
    };
    addEventListener('online', cameOnline);
    addEventListener('offline', wentOffline);
    document.addEventListener('visibilitychange', resumed);
    void this.run();
    return () => {
      removeEventListener('online', cameOnline);
      removeEventListener('offline', wentOffline);
      document.removeEventListener('visibilitychange', resumed);
    };
  }
}

export const runner = new Runner();

/** Whether a last success is so long ago that it is shown in red. */
export function late(lastSuccess: number | null, now = Date.now() / 1000): boolean {
  return lastSuccess !== null && now - lastSuccess > 7 * 86_400;
}
