import * as api from '$lib/api/console';
import { asError } from '$lib/api/error';
import type {
  Account,
  AggregationView,
  ClassificationView,
  DecideRequest,
  ErrorView,
  ExplainNode,
  OverviewView
} from '$lib/api/types';
import { longer, type Span } from '$lib/classification/longer';

/** Progress and ranking, or the classification of units and people. */
export type Section = 'overview' | 'classes';

/** What the address names: a period (empty: the latest), a unit (empty: none), a section, and for how long it classifies. */
export interface Shown {
  period: string;
  unit: string;
  section: Section;
  span: Span;
}

const REFRESH_MS = 30_000;
const NOBODY = new Set(['login_needed', 'http_401']);

/** What the console shows. Everything comes from the server; nothing is kept here. */
export class Desk {
  /** Absent until the server has said who is logged in; null: nobody. */
  account = $state.raw<Account | null>();
  overview = $state.raw<OverviewView | null>(null);
  /** Why the overview is not there, or not fresh. */
  failure = $state.raw<ErrorView | null>(null);
  detail = $state.raw<ExplainNode | null>(null);
  detailFailure = $state.raw<ErrorView | null>(null);
  classes = $state.raw<ClassificationView | null>(null);
  classesFailure = $state.raw<ErrorView | null>(null);
  /** The quarter or year around the period. */
  longer = $state.raw<AggregationView | null>(null);
  longerFailure = $state.raw<ErrorView | null>(null);
  /** When the overview came, Unix seconds. */
  at = $state(0);
  busy = $state(false);

  #shown: Shown = { period: '', unit: '', section: 'overview', span: '' };
  #of: Shown = this.#shown;
  /** Decisions recorded here: figures that were asked for before one are not fresh. */
  #decisions = 0;

  /** Asks who is logged in. */
  async begin(): Promise<void> {
    this.failure = null;
    try {
      this.account = await api.account();
    } catch (thrown) {
      this.#refuse(asError(thrown), (error) => (this.failure = error));
    }
  }

  async logout(): Promise<void> {
    await api.logout().catch(() => undefined);
    this.#forget();
  }

  /** Shows another period or unit; what does not belong to it leaves the screen at once. */
  show(shown: Shown): void {
    this.#shown = shown;
    if (shown.period !== this.#of.period) this.overview = this.classes = null;
    if (shown.unit !== this.#of.unit || shown.period !== this.#of.period) this.detail = null;
    if (shown.span !== this.#of.span || shown.period !== this.#of.period)
      this.longer = this.longerFailure = null;
    this.#of = shown;
    void this.refresh();
  }

  /** Fetches what is shown, again; old figures stay until new ones are here. */
  async refresh(): Promise<void> {
    const shown = this.#shown;
    if (!this.account) return;
    this.busy = true;
    const same = () => shown === this.#shown;
    try {
      const overview = await api.overview(shown.period);
      if (!same()) return;
      this.overview = overview;
      this.failure = null;
      this.at = Math.floor(Date.now() / 1000);
      const around = longer(overview.period.id, shown.span);
      if (shown.section === 'classes')
        return await (around ? this.#aggregate(around, same) : this.#classify(overview.period.id, same));
      const ranked = overview.rankings.some((r) => r.rows.some((row) => row.unit === shown.unit));
      if (ranked) await this.#explain(shown, overview.period.id, same);
    } catch (thrown) {
      if (same()) this.#refuse(asError(thrown), (error) => (this.failure = error));
    } finally {
      if (same()) this.busy = false;
    }
  }

  async #explain(shown: Shown, period: string, same: () => boolean): Promise<void> {
    this.detailFailure = null;
    try {
      const detail = await api.unit(period, shown.unit);
      if (same()) this.detail = detail;
    } catch (thrown) {
      if (same()) this.#refuse(asError(thrown), (error) => (this.detailFailure = error));
    }
  }

  async #classify(period: string, same: () => boolean): Promise<void> {
    const decisions = this.#decisions;
    this.classesFailure = null;
    try {
      const classes = await api.classification(period);
      if (same() && decisions === this.#decisions) this.classes = classes;
    } catch (thrown) {
      if (same()) this.#refuse(asError(thrown), (error) => (this.classesFailure = error));
    }
  }

  async #aggregate(period: string, same: () => boolean): Promise<void> {
    this.longerFailure = null;
    try {
      const made = await api.aggregation(period);
      if (same()) this.longer = made;
    } catch (thrown) {
      if (same()) this.#refuse(asError(thrown), (error) => (this.longerFailure = error));
    }
  }

  /** Records a person's decision; answers why it could not be. */
  async decide(request: DecideRequest): Promise<ErrorView | null> {
    try {
      const classes = await api.decide(request);
      this.#decisions += 1;
      if (classes.period.id === this.classes?.period.id) this.classes = classes;
      return null;
    } catch (thrown) {
      const error = asError(thrown);
      this.#refuse(error, () => undefined);
      return error;
    }
  }

  /** Refreshes when the window comes back, and every half minute while it is seen. */
  start(): () => void {
    const again = () => {
      if (document.visibilityState === 'visible' && !this.busy) void this.refresh();
    };
    const timer = setInterval(again, REFRESH_MS);
    addEventListener('focus', again);
    document.addEventListener('visibilitychange', again);
    return () => {
      clearInterval(timer);
      removeEventListener('focus', again);
      document.removeEventListener('visibilitychange', again);
    };
  }

  #refuse(error: ErrorView, note: (error: ErrorView) => void): void {
    if (NOBODY.has(error.code)) this.#forget();
    else note(error);
  }

  #forget(): void {
    this.account = null;
    this.overview = null;
    this.detail = null;
    this.classes = null;
    this.longer = null;
    this.failure = null;
  }
}
