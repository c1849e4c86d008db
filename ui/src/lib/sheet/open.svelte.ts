import { asError } from '$lib/api/error';
import * as api from '$lib/api/sheet';
import type { Column, CriterionView, ErrorView, FieldName, ScoreRequest, SheetView } from '$lib/api/types';
import { m } from '$lib/paraglide/messages.js';
import { getLocale } from '$lib/paraglide/runtime.js';
import { points } from '$lib/shared/format';
import { typed } from '$lib/shared/number';
import { undoable } from '$lib/shared/toast';
import { enteredText, isWanted } from './answer';

/** One field of the sheet. */
export interface Field {
  criterion: number;
  column: Column;
  field: FieldName;
}

/** What a person is typing: kept until it is saved, whatever happens. */
interface Draft {
  text: string;
  /** Heads that were shown when the edit began. */
  token: string;
  /** Value before the edit, canonical. */
  before: string | null;
  phase: 'dirty' | 'saving' | 'saved' | 'failed';
  /** Whether the person left the field: only then an error is shown. */
  left: boolean;
  error: ErrorView | null;
  savedAt: number | null;
}

const AUTOSAVE_MS = 500;

export function keyOf({ criterion, column, field }: Field): string {
  const where = `${criterion} ${column}`;
  if (typeof field === 'string') return `${where} ${field}`;
  return 'minutes' in field
    ? `${where} minutes ${field.minutes}`
    : `${where} ${field.quantity.product} ${field.quantity.measure}`;
}

/** Whether a field is a text: shown as it was typed, and never undone. */
const isText = ({ field }: Field) => field === 'note' || (typeof field === 'object' && 'minutes' in field);

/** Value, token and conflict of a field in a view. */
export function shownIn(view: SheetView, { criterion, column, field }: Field) {
  if (typeof field === 'object' && 'minutes' in field) {
    const part = view.minutes?.parts.find((p) => p.part === field.minutes);
    return { value: part?.text ?? '', token: part?.token ?? '', conflict: !!part?.conflict };
  }
  const found = criteriaOf(view).find((c) => c.number === criterion);
  if (typeof field === 'object') {
    const { product, measure } = field.quantity;
    const quantity = found?.lines
      .find((line) => line.product === product)
      ?.quantities.find((q) => q.column === column && q.measure === measure);
    return { value: quantity?.value ?? null, token: quantity?.token ?? '', conflict: !!quantity?.conflict };
  }
  const cell = found?.cells.find((c) => c.column === column);
  return field === 'note'
    ? { value: cell?.note ?? '', token: cell?.note_token ?? '', conflict: !!cell?.conflict }
    : { value: cell?.entered ?? null, token: cell?.token ?? '', conflict: !!cell?.conflict };
}

export const criteriaOf = (view: SheetView): CriterionView[] => view.groups.flatMap((g) => g.criteria);

/** Criteria that still want an answer in a column. */
export const unanswered = (view: SheetView, column: Column) =>
  criteriaOf(view).filter((criterion) => isWanted(criterion, column));

/** A sheet on the screen: saves each field within a second, one after the other, and shows what came back. */
export class OpenSheet {
  view = $state.raw<SheetView | null>(null);
  failure = $state.raw<ErrorView | null>(null);
  busy = $state<string | null>(null);
  private drafts = $state<Record<string, Draft>>({});
  // Timers are never shown.
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  private timers = new Map<string, ReturnType<typeof setTimeout>>();
  private queue: Promise<unknown> = Promise.resolve();

  constructor(readonly id: string) {}

  async load(): Promise<void> {
    await this.flush();
    try {
      this.view = await api.sheet(this.id);
      this.failure = null;
    } catch (thrown) {
      this.failure = asError(thrown);
    }
  }

  /** What stands in the field: what is being typed, or else the stored value. */
  text(field: Field): string {
    const draft = this.drafts[keyOf(field)];
    if (draft && draft.phase !== 'saved') return draft.text;
    const value = this.view ? shownIn(this.view, field).value : null;
    return isText(field) ? (value ?? '') : typed(value, getLocale() === 'vi' ? ',' : '.');
  }

  draft(field: Field): Draft | undefined {
    return this.drafts[keyOf(field)];
  }

  error(field: Field): ErrorView | null {
    const draft = this.drafts[keyOf(field)];
    return draft?.left ? draft.error : null;
  }

  /** An edit begins: from here on its token names the heads that the person saw. */
  begin(field: Field): void {
    const draft = this.drafts[keyOf(field)];
    if (!this.view || (draft && draft.phase !== 'saved')) return;
    const { value, token } = shownIn(this.view, field);
    this.drafts[keyOf(field)] = {
      text: this.text(field),
      token,
      before: value,
      phase: 'saved',
      left: false,
      error: null,
      savedAt: draft?.savedAt ?? null
    };
  }

  edit(field: Field, text: string): void {
    const key = keyOf(field);
    if (!this.drafts[key]) this.begin(field);
    const draft = this.drafts[key];
    if (!draft) return;
    draft.text = text;
    draft.phase = 'dirty';
    draft.left = false;
    draft.error = null;
    clearTimeout(this.timers.get(key));
    this.timers.set(
      key,
      setTimeout(() => void this.save(field), AUTOSAVE_MS)
    );
  }

  /** Leaving the field: save now, and show what is wrong. */
  async commit(field: Field, quiet = false): Promise<void> {
    const draft = this.drafts[keyOf(field)];
    if (!draft) return;
    draft.left = true;
    if (draft.phase === 'dirty') await this.save(field);
    else await this.queue;
    const after = this.view && shownIn(this.view, field).value;
    if (draft.phase === 'saved' && !isText(field) && draft.before !== null && after !== draft.before) {
      if (!quiet) this.offerUndo(field, draft.before, after ?? null);
    }
    if (draft.phase === 'saved') draft.before = after ?? null;
  }

  /** Saves everything that is still being typed. */
  async flush(): Promise<void> {
    for (const timer of this.timers.values()) clearTimeout(timer);
    const pending = Object.keys(this.drafts).filter((key) => this.drafts[key]?.phase === 'dirty');
    await Promise.all(pending.map((key) => this.save(fieldOf(key))));
    await this.queue;
  }

  /** Runs an act of the sheet, after everything typed is saved. */
  async act(name: string, run: (id: string) => Promise<SheetView>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = name;
    try {
      await this.flush();
      this.view = await run(this.id);
      return true;
    } finally {
      this.busy = null;
    }
  }

  private save(field: Field): Promise<void> {
    clearTimeout(this.timers.get(keyOf(field)));
    const done = this.queue.then(() => this.send(field));
    this.queue = done;
    return done;
  }

  private async send(field: Field): Promise<void> {
    const draft = this.drafts[keyOf(field)];
    if (!draft || draft.phase !== 'dirty') return;
    const sent = draft.text;
    draft.phase = 'saving';
    const request: ScoreRequest = { sheet: this.id, ...field, text: sent, token: draft.token };
    try {
      this.view = await api.score(request);
      const now = shownIn(this.view, field);
      // Our own write is now what the person sees; a value of somebody else is not.
      if (!now.conflict) draft.token = now.token;
      draft.savedAt = Math.floor(Date.now() / 1000);
      draft.error = null;
      draft.phase = draft.text === sent ? 'saved' : 'dirty';
    } catch (thrown) {
      draft.error = asError(thrown);
      draft.phase = draft.text === sent ? 'failed' : 'dirty';
    }
  }

  private offerUndo(field: Field, before: string, after: string | null): void {
    const criterion = this.view && criteriaOf(this.view).find((c) => c.number === field.criterion);
    const said = (value: string) =>
      criterion && field.field === 'points' ? enteredText(criterion, value) : points(value);
    undoable(
      m.crit_changed({
        label: criterion?.label ?? String(field.criterion),
        from: said(before),
        to: after === null ? m.crit_none() : said(after)
      }),
      () => {
        this.begin(field);
        this.edit(field, before);
        return this.commit(field, true);
      }
    );
  }
}

function fieldOf(key: string): Field {
  const [criterion = '', column = '', third = '', measure] = key.split(' ');
  const quantity = { quantity: { product: Number(third), measure } };
  const field = third === 'minutes' ? { minutes: measure } : measure ? quantity : third;
  return { criterion: Number(criterion), column: column as Column, field: field as FieldName };
}
