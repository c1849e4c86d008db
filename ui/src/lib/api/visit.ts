import type { CandidateView } from './generated/CandidateView';
import type { SyncReport } from './generated/SyncReport';
import type { VisitView } from './generated/VisitView';
import { ipc } from './tauri';

export const visit = () => ipc<VisitView>('visit');
export const openHub = () => ipc<VisitView>('open_hub');
export const closeHub = () => ipc<VisitView>('close_hub');
export const joinHub = (invitation: string) => ipc<SyncReport>('join_hub', { invitation });
export const candidates = () => ipc<CandidateView[]>('candidates');
export const enrolNewcomer = (number: number, person: string) =>
  ipc<VisitView>('enrol_newcomer', { number, person });
export const declineNewcomer = (number: number) => ipc<VisitView>('decline_newcomer', { number });
