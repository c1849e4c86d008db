import type { Column, Measure } from '$lib/api/types';
import { m } from '$lib/paraglide/messages.js';

const words = { own: m.column_own, superior: m.column_superior, appraised: m.column_appraised };
const full = { own: m.column_own_full, superior: m.column_superior_full, appraised: m.column_appraised_full };
const measures = {
  assigned: m.measure_assigned,
  completed: m.measure_completed,
  quality_ok: m.measure_quality_ok,
  on_time: m.measure_on_time,
  faults: m.measure_faults,
  delays: m.measure_delays,
  excused_faults: m.measure_excused_faults,
  excused_delays: m.measure_excused_delays
};

export const columnWord = (column: Column) => words[column]();
export const columnFull = (column: Column) => full[column]();
export const measureWord = (measure: Measure) => measures[measure]();
