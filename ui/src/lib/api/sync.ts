import type { SyncReport } from './generated/SyncReport';
import type { SyncView } from './generated/SyncView';
import { ipc } from './tauri';

export const sync = () => ipc<SyncReport>('sync');
export const syncStatus = () => ipc<SyncView>('sync_status');
