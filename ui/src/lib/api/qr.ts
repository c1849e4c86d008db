import type { CodesView } from './generated/CodesView';
import type { QrView } from './generated/QrView';
import type { ReadView } from './generated/ReadView';
import { ipc } from './tauri';

export const showQr = () => ipc<CodesView>('show_qr');
export const qrPart = (part: number) => ipc<QrView>('qr_part', { part });
export const qrTexts = (picture: Uint8Array) => ipc<string[]>('qr_texts', picture);
export const readQr = (texts: string[]) => ipc<ReadView>('read_qr', { texts });
export const readInvitation = (texts: string[]) => ipc<string>('read_invitation', { texts });
