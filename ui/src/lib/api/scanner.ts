import { ipc } from './tauri';

/** The scanner of a phone, `tauri-plugin-barcode-scanner`. On a desktop there is none, and every call rejects. */
const call = <T>(command: string, args?: Record<string, unknown>) =>
  ipc<T>(`plugin:barcode-scanner|${command}`, args);

interface Permissions {
  camera: 'granted' | 'denied' | 'prompt' | 'prompt-with-rationale';
}

export const checkPermissions = () => call<Permissions>('check_permissions');
export const requestPermissions = () => call<Permissions>('request_permissions');
export const openAppSettings = () => call<void>('open_app_settings');
/** Rejects when it is cancelled. `windowed` is behind the page, which must be clear there. */
export const scan = () => call<{ content: string }>('scan', { formats: ['QR_CODE'], windowed: true });
export const cancel = () => call<void>('cancel');
