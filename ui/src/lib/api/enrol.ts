import type { Me } from './generated/Me';
import { ipc } from './tauri';

export const me = () => ipc<Me | null>('me');
/** With a one-time code, or at a supervisor's hub, to whom `claim` says whose device it is. */
export const enrol = (code: string, device: string, claim: string) =>
  ipc<Me>('enrol', { code, device, claim });
