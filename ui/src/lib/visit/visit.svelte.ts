import { asError } from '$lib/api/error';
import type { ErrorView, LinkView, VisitView } from '$lib/api/types';
import * as api from '$lib/api/visit';
import { session } from '$lib/enrol/session.svelte';
import { runner } from '$lib/sync/runner.svelte';

const POLL_MS = 1000;

/** What a person asks of a visit. */
export type Step = 'open' | 'close' | 'join' | 'newcomer';

/** Whether two devices are still at it. */
export const moving = (link: LinkView) => ['greeting', 'asking', 'exchanging'].includes(link.state);

/** How much the hub that is open here has taken in. */
const taken = ({ hub }: VisitView) => hub?.links.reduce((sum, link) => sum + link.handed, 0) ?? 0;

/** A visit as it stands: looked at every second while a screen shows it and it can change by itself. */
export class Visit {
  view = $state.raw<VisitView | null>(null);
  /** Why the last look failed; what was seen before stays. */
  failure = $state.raw<ErrorView | null>(null);
  /** The invitation as it is typed: it outlives errors, and leaving the screen. */
  invitation = $state('');
  /** What is being done now. */
  step = $state<Step | null>(null);
  /** What was not done, and why. */
  refused = $state.raw<{ step: Step; error: ErrorView } | null>(null);

  #watched = false;
  #looking = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Grows when a command begins and ends: what was asked before is not fresh. */
  #commands = 0;
  /** The code of the meeting before the one that begins. */
  #former: string | null = null;

  /** The hub that this device is at, or was at last: not the former one while it goes to another. */
  get guest(): LinkView | null {
    const guest = this.view?.guest ?? null;
    return this.step === 'join' && guest?.code === this.#former ? null : guest;
  }

  get joining(): boolean {
    return this.step === 'join' || (!!this.guest && moving(this.guest));
  }

  /** Looks now, and goes on until the function that it answers is called. */
  watch(): () => void {
    const look = () => document.visibilityState === 'visible' && void this.look();
    this.#watched = true;
    document.addEventListener('visibilitychange', look);
    void this.look();
    return () => {
      this.#watched = false;
      clearTimeout(this.#timer);
      document.removeEventListener('visibilitychange', look);
    };
  }

  async look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    const commands = this.#commands;
    const fresh = () => commands === this.#commands;
    try {
      const view = await api.visit();
      if (fresh()) {
        // What came must be read again.
        if (this.view && taken(view) !== taken(this.view)) runner.round += 1;
        this.view = view;
      }
      this.failure = null;
    } catch (thrown) {
      this.failure = asError(thrown);
    } finally {
      this.#looking = false;
    }
    if (fresh()) this.#lookLater();
    else void this.look();
  }

  open(): Promise<void> {
    return this.#run('open', async () => {
      this.view = await api.openHub();
    });
  }

  close(): Promise<void> {
    return this.#run('close', async () => {
      this.view = await api.closeHub();
    });
  }

  async join(): Promise<void> {
    const invitation = this.invitation.trim();
    if (!invitation || this.joining) return;
    await this.#come(async () => {
      const { failure } = await api.joinHub(invitation);
      if (failure) throw failure;
    });
    // What came must be read again.
    runner.round += 1;
    await this.look();
  }

  /** Goes to a hub as a new device, and waits until its person has said whose it is. */
  enrol(code: string, device: string, claim: string): Promise<void> {
    return this.#come(() => session.enrol(code, device, claim));
  }

  /** Says whose the new device is that waits here as a meeting's number, or that it is nobody's. */
  newcomer(number: number, person: string | null): Promise<void> {
    return this.#run('newcomer', async () => {
      this.view = await (person ? api.enrolNewcomer(number, person) : api.declineNewcomer(number));
    });
  }

  #come(command: () => Promise<void>): Promise<void> {
    this.#former = this.guest?.code ?? null;
    return this.#run('join', () => {
      void this.look();
      return command();
    });
  }

  async #run(step: Step, command: () => Promise<void>): Promise<void> {
    if (this.step) return;
    this.step = step;
    this.refused = null;
    this.#commands += 1;
    try {
      await command();
    } catch (thrown) {
      this.refused = { step, error: asError(thrown) };
    } finally {
      this.step = null;
      this.#commands += 1;
      this.#lookLater();
    }
  }

  #lookLater(): void {
    clearTimeout(this.#timer);
    if (this.#watched && document.visibilityState === 'visible' && (this.view?.hub?.open || this.joining))
      this.#timer = setTimeout(() => void this.look(), POLL_MS);
  }
}

export const visit = new Visit();
