import * as api from '$lib/api/enrol';
import type { Me } from '$lib/api/types';

/** Who uses this device; null: not enrolled, undefined: not asked yet. */
class Session {
  me = $state.raw<Me | null | undefined>(undefined);

  async load(): Promise<void> {
    this.me = await api.me();
  }

  async enrol(code: string, device: string, claim: string): Promise<void> {
    this.me = await api.enrol(code, device, claim);
  }
}

export const session = new Session();
