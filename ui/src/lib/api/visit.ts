import type { SyncReport } from './generated/SyncReport';
import type { VisitView } from './generated/VisitView';
import { ipc } from './tauri';

export const visit = () => ipc<VisitView>('visit');
export const openHub = () => ipc<VisitView>('open_hub');
export const closeHub = () => ipc<VisitView>('close_hub');
export const joinHub = (invitation: string) => ipc<SyncReport>('join_hub', { invitation });
