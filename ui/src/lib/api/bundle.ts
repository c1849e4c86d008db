import type { BundleView } from './generated/BundleView';
import { ipc } from './tauri';

export const exportBundle = () => ipc<BundleView>('export_bundle');
export const importBundle = (file: Uint8Array) => ipc<BundleView>('import_bundle', file);
