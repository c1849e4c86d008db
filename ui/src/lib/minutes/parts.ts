import type { Action, MinutesPart, MinutesPartView, MinutesView, SheetView } from '$lib/api/types';
import { m } from '$lib/paraglide/messages.js';
import { moment, text } from '$lib/shared/format';
import type { Field } from '$lib/sheet/open.svelte';

const words: Record<MinutesPart, () => string> = {
  delegation: m.minutes_delegation,
  place: m.minutes_place,
  arrived: m.minutes_arrived,
  left: m.minutes_left,
  remarks: m.minutes_remarks,
  representative: m.minutes_representative,
  opinion: m.minutes_opinion
};

export const partWord = (part: MinutesPart) => words[part]();

/** Where a part stands on its sheet: as a whole, so at no criterion. */
export const fieldOf = ({ part, column }: MinutesPartView): Field => ({
  criterion: 0,
  column,
  field: { minutes: part }
});

/** Parts by name, in the order of the document. */
export const partsOf = (minutes: MinutesView, names: MinutesPart[]) =>
  minutes.parts.filter(({ part }) => names.includes(part));

/** What most likely comes into an empty part. */
export function proposed(
  part: MinutesPart,
  view: SheetView,
  me: { name: string; position: { vi: string; en: string } }
) {
  if (part === 'delegation' || part === 'representative') return `${me.name}, ${text(me.position)}`;
  if (part === 'place') return view.summary.unit;
  return part === 'arrived' || part === 'left' ? moment(Date.now() / 1000) : '';
}

/** Both sides, each with the act that signs for it. */
export const sides = [
  { action: 'sign_for_unit', word: m.minutes_side_unit },
  { action: 'sign_for_delegation', word: m.minutes_side_delegation }
] as const;

export const signsFor = (action: Action) => sides.find((side) => side.action === action);

/** Signatures of a side under what stands now. */
export const signaturesOf = (minutes: MinutesView, action: Action) =>
  minutes.signatures.filter((signature) => signature.action === action && !signature.outdated);
