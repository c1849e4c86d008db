import type { ConflictView } from './generated/ConflictView';
import { ipc } from './tauri';

export const conflicts = () => ipc<ConflictView[]>('conflicts');
export const resolve = (id: string, value: string, token: string) =>
  ipc<ConflictView[]>('resolve', { id, value, token });
