/** Number fields: what is typed is kept and sent as typed; these only help to step and to show it. */

const SCALE = 10_000;

/** Reads `8,5` or `8.5` as ten-thousandths; absent when it is not a plain number. The client judges what is valid. */
export function parseTyped(text: string): number | null {
  const plain = text.trim().replace(',', '.');
  if (!/^\d{1,9}(\.\d{0,4})?$/.test(plain)) return null;
  return Math.round(Number(plain) * SCALE);
}

/** Ten-thousandths as canonical text, `85000` → `8.5`. */
export function canonical(scaled: number): string {
  const whole = Math.floor(scaled / SCALE);
  const rest = String(scaled % SCALE)
    .padStart(4, '0')
    .replace(/0+$/, '');
  return rest ? `${whole}.${rest}` : String(whole);
}

/** The neighbour of what is typed, a step up or down, inside 0 and the maximum. Empty counts from 0. */
export function stepped(text: string, step: string, max: string | null, direction: 1 | -1): string {
  const from = parseTyped(text) ?? 0;
  const by = parseTyped(step) || SCALE;
  const next = direction > 0 ? Math.floor(from / by) * by + by : Math.ceil(from / by) * by - by;
  const most = max === null ? Infinity : (parseTyped(max) ?? Infinity);
  return canonical(Math.min(most, Math.max(0, next)));
}

/** Canonical text with the decimal sign of the interface's language. */
export function typed(value: string | null, sign: ',' | '.'): string {
  return value === null ? '' : value.replace('.', sign);
}
