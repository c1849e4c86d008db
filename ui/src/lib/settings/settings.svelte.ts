import { getLocale, setLocale } from '$lib/paraglide/runtime.js';

export type Theme = 'system' | 'light' | 'dark' | 'contrast';
export const themes: readonly Theme[] = ['system', 'light', 'dark', 'contrast'];
export const scales: readonly number[] = [1, 1.15, 1.3, 1.5, 1.75, 2];

/** The theme to paint: the reader's choice, or else what the system asks for. */
export function painted(theme: Theme, asks: (query: string) => boolean): Exclude<Theme, 'system'> {
  if (theme !== 'system') return theme;
  if (asks('(prefers-contrast: more)')) return 'contrast';
  return asks('(prefers-color-scheme: dark)') ? 'dark' : 'light';
}

const asks = (query: string) => typeof matchMedia === 'function' && matchMedia(query).matches;
const isTheme = (value: string | null): value is Theme => themes.includes(value as Theme);

/** How this device shows things. Nothing of value is kept here. */
class Settings {
  theme = $state<Theme>('system');
  scale = $state(1);

  constructor() {
    const theme = localStorage.getItem('theme');
    if (isTheme(theme)) this.theme = theme;
    const scale = Number(localStorage.getItem('scale'));
    if (scales.includes(scale)) this.scale = scale;
  }

  /** Paints now, and again when the system or the window changes. */
  start(): () => void {
    const paint = () => this.paint();
    const queries = ['(prefers-color-scheme: dark)', '(prefers-contrast: more)'].map((q) => matchMedia(q));
    queries.forEach((query) => query.addEventListener('change', paint));
    addEventListener('resize', paint);
    paint();
    return () => {
      queries.forEach((query) => query.removeEventListener('change', paint));
      removeEventListener('resize', paint);
    };
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    localStorage.setItem('theme', theme);
    this.paint();
  }

  setScale(scale: number): void {
    this.scale = scale;
    localStorage.setItem('scale', String(scale));
    this.paint();
  }

  get locale() {
    return getLocale();
  }

  setLocale(locale: 'vi' | 'en'): void {
    void setLocale(locale);
  }

  private paint(): void {
    const root = document.documentElement;
    root.dataset.theme = painted(this.theme, asks);
    root.style.fontSize = `${this.scale * 100}%`;
    // Narrow in relation to the text: rows become columns.
    root.toggleAttribute('data-tight', innerWidth / this.scale < 280);
  }
}

export const settings = new Settings();
