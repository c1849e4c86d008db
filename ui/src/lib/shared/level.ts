import type { Level, TotalView } from '$lib/api/types';
import { m } from '$lib/paraglide/messages.js';
import type { GlyphName } from './Glyph.svelte';

/** What a subject comes to: a level, not rated, or null: not enough data. */
export type Outcome = Level | 'not_rated' | null;

const ranks: Record<Level, 1 | 2 | 3 | 4> = { KHTNV: 1, HTNV: 2, HTTNV: 3, HTXSNV: 4 };
const short = [m.level_none, m.level_1, m.level_2, m.level_3, m.level_4] as const;
const full = [m.level_none, m.level_1_full, m.level_2_full, m.level_3_full, m.level_4_full] as const;

/** The outcome that a total, a rank or a decision tells. */
export const outcomeOf = (of: { level: Level | null; not_rated: boolean }): Outcome =>
  of.not_rated ? 'not_rated' : of.level;

/** The sum that a total shows, as far as it has come; null: its criteria set has no points. */
export const sumOf = ({ total, so_far, possible }: TotalView) =>
  total ?? (Number(possible) > 0 ? so_far : null);

/** 4 is the best, 0 stands for no level: for class names such as `fill-4`. */
export function levelRank(outcome: Outcome): 0 | 1 | 2 | 3 | 4 {
  return outcome && outcome !== 'not_rated' ? ranks[outcome] : 0;
}

/** The level's short word, `Xuất sắc`. */
export const levelWord = (outcome: Outcome) =>
  outcome === 'not_rated' ? m.level_not_rated() : short[levelRank(outcome)]();

/** The level's official name, `Hoàn thành xuất sắc nhiệm vụ`. */
export const levelName = (outcome: Outcome) =>
  outcome === 'not_rated' ? m.level_not_rated() : full[levelRank(outcome)]();

export const levelGlyph = (outcome: Outcome): GlyphName =>
  outcome === 'not_rated' ? 'not_rated' : `level${levelRank(outcome)}`;
