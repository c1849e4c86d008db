import type { HomeView } from './generated/HomeView';
import { ipc } from './tauri';

export const home = () => ipc<HomeView>('home');
