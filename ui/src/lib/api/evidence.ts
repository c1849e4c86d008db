import type { AttachRequest } from './generated/AttachRequest';
import type { EvidenceRef } from './generated/EvidenceRef';
import type { SheetView } from './generated/SheetView';
import { ipc } from './tauri';

/** JSON that a header can carry. */
const ascii = (value: unknown) =>
  JSON.stringify(value).replace(
    /[\u0080-\uffff]/g,
    (letter) => '\\u' + letter.charCodeAt(0).toString(16).padStart(4, '0')
  );

export const attach = (request: AttachRequest, file: Uint8Array) =>
  ipc<SheetView>('attach', file, { headers: { 'x-request': ascii(request) } });
export const detach = (request: EvidenceRef) => ipc<SheetView>('detach', { request });
export const evidence = (sheet: string, content: string) => ipc<ArrayBuffer>('evidence', { sheet, content });
export const saveEvidence = (sheet: string, content: string, name: string) =>
  ipc<string>('save_evidence', { sheet, content, name });
