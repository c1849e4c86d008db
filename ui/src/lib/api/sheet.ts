import type { ScoreRequest } from './generated/ScoreRequest';
import type { SheetSummary } from './generated/SheetSummary';
import type { SheetView } from './generated/SheetView';
import { ipc } from './tauri';

export const sheets = (period: string | null = null) => ipc<SheetSummary[]>('sheets', { period });
export const sheet = (id: string) => ipc<SheetView>('sheet', { id });
export const score = (request: ScoreRequest) => ipc<SheetView>('score', { request });
export const submit = (id: string) => ipc<SheetView>('submit', { id });
export const withdraw = (id: string) => ipc<SheetView>('withdraw', { id });
export const approve = (id: string) => ipc<SheetView>('approve', { id });
export const returnSheet = (id: string, reason: string) => ipc<SheetView>('return_sheet', { id, reason });
/** Signs the minutes that were shown: `seen` is their stamp. */
export const signMinutes = (id: string, seen: string) => ipc<SheetView>('sign_minutes', { id, seen });
export const agreeAll = (id: string) => ipc<SheetView>('agree_all', { id });
