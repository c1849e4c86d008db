import { toast } from 'svelte-sonner';
import { m } from '$lib/paraglide/messages.js';
import type { ErrorView } from '$lib/api/types';
import { text } from './format';

/** Says what was done, with a way back. A new one takes the place of the last. */
export function undoable(message: string, undo: () => unknown): void {
  toast(message, { id: 'undo', duration: 8000, action: { label: m.undo(), onClick: () => void undo() } });
}

/** Says one sentence. */
export function say(message: string): void {
  toast(message, { id: 'say', duration: 5000 });
}

/** Says what went wrong, with the code in small print. */
export function sayError(error: ErrorView): void {
  toast.error(text(error.message), {
    id: 'error',
    description: m.error_code({ code: error.code }),
    duration: 10000
  });
}
