import type { BundleView } from './generated/BundleView';
import type { ErrorView } from './generated/ErrorView';
import { ipc } from './tauri';

export const exportBundle = () => ipc<BundleView>('export_bundle');
export const importBundle = (file: Uint8Array) => ipc<BundleView>('import_bundle', file);
/** What came of the next file that the system gave the app to open; null when there is none. */
export const openedBundle = () => ipc<{ Ok: BundleView } | { Err: ErrorView } | null>('opened_bundle');
