import type { Me } from './generated/Me';
import { ipc } from './tauri';

export const me = () => ipc<Me | null>('me');
export const enrol = (code: string, device: string) => ipc<Me>('enrol', { code, device });
