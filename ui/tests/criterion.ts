import type { CellView, Column, CriterionKind, CriterionView } from '$lib/api/types';

/** One cell of a criterion: nothing entered unless said. */
export const cell = (column: Column, of: Partial<CellView> = {}): CellView => ({
  column,
  takes: true,
  points: null,
  entered: null,
  token: 'seen',
  note: '',
  note_token: 'seen-note',
  written: null,
  conflict: false,
  evidence: [],
  ...of
});

/** A required criterion with the given cells. */
export const criterion = (
  kind: CriterionKind,
  cells: CellView[],
  of: Partial<CriterionView> = {}
): CriterionView => ({
  number: 1,
  label: 'I.1',
  title: { vi: 'Tiêu chí', en: 'Criterion' },
  kind,
  max: '10',
  most: '10',
  step: '0.5',
  unit: null,
  rule: null,
  evidence: false,
  required: true,
  cells,
  last_period: null,
  lines: [],
  ...of
});
