import { m } from '$lib/paraglide/messages.js';
import type { ErrorView } from './generated/ErrorView';

/** What the interface itself notices. */
const noticed = new Map([
  ['offline', m.error_offline],
  ['no_camera', m.error_no_camera],
  ['camera_denied', m.error_camera_denied]
]);

/** An error that the interface itself noticed, in both languages. */
export function fault(code: string): ErrorView {
  const text = noticed.get(code) ?? m.error_unknown;
  return { code, message: { vi: text({}, { locale: 'vi' }), en: text({}, { locale: 'en' }) } };
}

/** Whatever was thrown, as the sentence and code that a screen can show. */
export function asError(thrown: unknown): ErrorView {
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && 'message' in thrown) {
    const { code, message } = thrown as ErrorView;
    if (typeof code === 'string' && typeof message === 'object') return { code, message };
  }
  return fault('unknown');
}
