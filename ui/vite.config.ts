import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { sveltekit } from '@sveltejs/kit/vite';
import { svelteTesting } from '@testing-library/svelte/vite';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** SvelteKit hides its announcer with a style attribute, which the strict policy refuses: styles/base.css does it. */
const announcer: Plugin = {
  name: 'announcer-without-inline-style',
  enforce: 'pre',
  transform(code, id) {
    return id.endsWith('/generated/root.svelte') ? code.replace(/ style="[^"]*"/, '') : null;
  }
};

export default defineConfig({
  plugins: [
    announcer,
    paraglideVitePlugin({
      project: './project.inlang',
      outdir: './src/lib/paraglide',
      strategy: ['localStorage', 'baseLocale']
    }),
    sveltekit(),
    svelteTesting()
  ],
  // The oldest WebViews that static/gate.js lets in.
  build: {
    target: ['chrome99', 'safari15'],
    cssTarget: ['chrome99', 'safari15'],
    rolldownOptions: { checks: { pluginTimings: false } }
  },
  // A watcher would keep a test run from ending.
  server: { host: '127.0.0.1', watch: process.env.VITEST ? null : undefined },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.ts', 'tests/**/*.test.ts'],
    setupFiles: ['tests/setup.ts']
  }
});
