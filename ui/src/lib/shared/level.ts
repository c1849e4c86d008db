import type { Level } from '$lib/api/types';
import { m } from '$lib/paraglide/messages.js';
import type { GlyphName } from './Glyph.svelte';

const ranks: Record<Level, 1 | 2 | 3 | 4> = { KHTNV: 1, HTNV: 2, HTTNV: 3, HTXSNV: 4 };
const short = [m.level_none, m.level_1, m.level_2, m.level_3, m.level_4] as const;
const full = [m.level_none, m.level_1_full, m.level_2_full, m.level_3_full, m.level_4_full] as const;

/** 4 is the best, 0 stands for "not enough data": for class names such as `fill-4`. */
export function levelRank(level: Level | null): 0 | 1 | 2 | 3 | 4 {
  return level ? ranks[level] : 0;
}

/** The level's short word, `Xuất sắc`. */
export const levelWord = (level: Level | null) => short[levelRank(level)]();

/** The level's official name, `Hoàn thành xuất sắc nhiệm vụ`. */
export const levelName = (level: Level | null) => full[levelRank(level)]();

export const levelGlyph = (level: Level | null): GlyphName => `level${levelRank(level)}`;
