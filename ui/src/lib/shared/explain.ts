import type { ExplainNode } from '$lib/api/types';
import { text } from './format';

/** A value's parts: `−2` and `/10`, or what stood before an arrow. A minus is a minus sign. */
export function shownValue(node: Pick<ExplainNode, 'value'>): { from: string; main: string; of: string } {
  const said = text(node.value).replace(/(^|[\s(])-(?=\d)/g, '$1−');
  const [from = '', to] = said.split(' → ');
  if (to !== undefined) return { from, main: to, of: '' };
  const [, main = said, of = ''] = /^(–|≈ [\d.,]+|−?[\d.,]+)(\/[\d.,]+)$/.exec(said) ?? [];
  return { from: '', main, of };
}
