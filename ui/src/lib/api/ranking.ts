import type { PeriodView } from './generated/PeriodView';
import type { RankingView } from './generated/RankingView';
import { ipc } from './tauri';

export const periods = () => ipc<PeriodView[]>('periods');
export const rankings = (period: string | null = null) => ipc<RankingView[]>('rankings', { period });
