import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import adapterStatic from '@sveltejs/adapter-static';

const pages = 'build';
const base = adapterStatic({ pages, assets: pages, fallback: 'index.html', strict: false });

/**
 * The static adapter, and then the starting script moved out of index.html into a file:
 * the page runs under `script-src 'self'` in both hosts, without a hash or a nonce.
 * @type {import('@sveltejs/kit').Adapter}
 */
const adapter = {
  ...base,
  name: 'static-without-inline-script',
  async adapt(builder) {
    await base.adapt(builder);
    const page = `${pages}/index.html`;
    let script = '';
    const html = readFileSync(page, 'utf8').replace(
      /<script>([\s\S]*?)<\/script>/,
      (_, /** @type {string} */ code) => {
        script = code;
        const hash = createHash('sha256').update(code).digest('hex').slice(0, 8);
        return `<script src="/_app/immutable/start-${hash}.js" data-start="${hash}"></script>`;
      }
    );
    if (!script) throw new Error('no starting script in index.html: did SvelteKit change its page?');
    const hash = /data-start="(\w+)"/.exec(html)?.[1];
    writeFileSync(`${pages}/_app/immutable/start-${hash}.js`, script);
    writeFileSync(page, html);
  }
};

/** @type {import('@sveltejs/kit').Config} */
export default {
  kit: {
    adapter,
    output: { preloadStrategy: 'modulepreload' },
    paths: { relative: false },
    version: { name: process.env.npm_package_version ?? '0' },
    typescript: {
      config: (config) => ({
        ...config,
        // The fake host and the picture scripts under tests/ are plain JavaScript.
        include: [
          ...config.include.filter((/** @type {string} */ glob) => !/tests\/.*\.(js|svelte)$/.test(glob)),
          '../vite.config.ts'
        ]
      })
    }
  }
};
