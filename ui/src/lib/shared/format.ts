import { m } from '$lib/paraglide/messages.js';
import { getLocale } from '$lib/paraglide/runtime.js';

const ZONE = 'Asia/Ho_Chi_Minh';
const tags = { vi: 'vi-VN', en: 'en-GB' } as const;
const cache = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

function made<F extends Intl.NumberFormat | Intl.DateTimeFormat>(key: string, make: (tag: string) => F): F {
  const tag = tags[getLocale()];
  const id = `${tag} ${key}`;
  const format = (cache.get(id) as F | undefined) ?? make(tag);
  cache.set(id, format);
  return format;
}

/** Text of the interface's language. */
export function text(both: { vi: string; en: string }): string {
  return getLocale() === 'en' && both.en ? both.en : both.vi;
}

/** Decimals that a canonical number such as `0.5` is written with. */
export function decimals(canonical: string): number {
  return canonical.split('.')[1]?.length ?? 0;
}

/** Canonical points (`8.5`) as people read them (`8,5`, `−2`), with at least `least` decimals. */
export function points(canonical: string, least = 0): string {
  return made(
    `n${least}`,
    (tag) => new Intl.NumberFormat(tag, { minimumFractionDigits: least, maximumFractionDigits: 4 })
  )
    .format(Number(canonical))
    .replace('-', '−');
}

/** A total or a score, always with a decimal: `86,0`. */
export const score = (canonical: string) => points(canonical, 1);

/** A change with its sign: `↑` is the icon's task. */
export const count = (value: number) => points(String(value));

/** A length in bytes as `412 KB` or `1,5 MB`. */
export function bytes(length: number): string {
  const kilobytes = Math.max(1, Math.round(length / 1024));
  return kilobytes < 1024 ? `${points(String(kilobytes))} KB` : `${points((length / 1048576).toFixed(1))} MB`;
}

/** Unix seconds as `14:05`. */
export function time(at: number): string {
  return made(
    'time',
    (tag) =>
      new Intl.DateTimeFormat(tag, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: ZONE })
  ).format(at * 1000);
}

/** Unix seconds as `23/11/2026`. */
export function date(at: number): string {
  return made(
    'date',
    (tag) =>
      new Intl.DateTimeFormat(tag, { day: '2-digit', month: '2-digit', year: 'numeric', timeZone: ZONE })
  ).format(at * 1000);
}

/** Unix seconds as `14:05, 23/11/2026`. */
export const moment = (at: number) => `${time(at)}, ${date(at)}`;

/** When something was written, as its device claims: said to be wrong where the server had it well before. */
export const claimed = ({ at, clock_wrong }: { at: number; clock_wrong: boolean }) =>
  clock_wrong ? m.clock_wrong({ at: moment(at) }) : moment(at);

/** A day `2026-11-25` as `25/11`. */
export function day(iso: string): string {
  const [, month = '', dayOfMonth = ''] = iso.split('-');
  return `${dayOfMonth}/${month}`;
}

/** A day with its weekday: `Thứ Sáu 25/11`. */
export function weekday(iso: string): string {
  const name = made('weekday', (tag) => new Intl.DateTimeFormat(tag, { weekday: 'long', timeZone: 'UTC' }));
  return `${name.format(new Date(`${iso}T00:00:00Z`))} ${day(iso)}`;
}

/** Today in Vietnam as `YYYY-MM-DD`. */
export function today(now = Date.now()): string {
  // By parts: engines disagree on how a locale writes a whole date.
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: ZONE,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit'
  });
  const part = new Map(parts.formatToParts(now).map(({ type, value }) => [type, value]));
  return `${part.get('year')}-${part.get('month')}-${part.get('day')}`;
}

/** Whole days from today until a day; negative: past. */
export function daysUntil(iso: string, now = Date.now()): number {
  return Math.round((Date.parse(`${iso}T00:00:00Z`) - Date.parse(`${today(now)}T00:00:00Z`)) / 86_400_000);
}

const ROMAN = ['I', 'II', 'III', 'IV'];

/** A period's name: `Tuần 07/2026`, `Tháng 11/2022`, `Quý IV/2026`, `Năm 2026`. */
export function period(id: string): string {
  const [year = '', part] = id.split('-');
  if (!part) return m.period_year({ year });
  if (part.startsWith('W')) return m.period_week({ week: part.slice(1), year });
  const quarter = /^Q([1-4])$/.exec(part)?.[1];
  return quarter
    ? m.period_quarter({ quarter: ROMAN[Number(quarter) - 1] ?? quarter, year })
    : m.period_month({ month: part, year });
}

/** The first letters for an avatar: family name and given name. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  return [...new Set([words[0], words.at(-1)])]
    .map((word) => word?.[0]?.toLocaleUpperCase('vi') ?? '')
    .join('');
}
