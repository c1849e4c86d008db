/** Runs axe-core over every screen in three themes: `npm run build && node tests/axe.mjs`. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { open } from './browser.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const screens = [
  ['/', { enrolled: false }],
  ['/', { offline: true }],
  ['/sheet?id=s-mine', {}],
  ['/sheet?id=s-lua', { reviewer: true }],
  ['/result?id=s-oct', {}],
  ['/review', { reviewer: true }],
  ['/conflicts', { reviewer: true }],
  ['/ranking', {}],
  ['/sync', { failing: true }],
  ['/visit', {}],
  ['/visit', { reviewer: true, visit: 'hub' }],
  ['/visit', { reviewer: true, visit: 'closed' }],
  ['/visit', { visit: 'exchanging' }],
  ['/visit', { visit: 'failed' }],
  ['/minutes?id=s-unit', { reviewer: true, minutes: { side: 'appraised' } }],
  ['/minutes?id=s-unit', { minutes: { side: 'own', signed: true } }],
  ['/settings', {}]
];
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

const browser = await open();
let found = 0;
for (const theme of ['light', 'dark', 'contrast'])
  for (const [path, scene] of screens) {
    const { tab, go, close } = await browser.page({ ...scene, theme });
    await go(path);
    await tab.waitForTimeout(400);
    const { violations } = await tab.evaluate(
      `(() => { ${axe}; return axe.run({ runOnly: ${JSON.stringify(tags)} }); })()`
    );
    for (const { id, help, nodes } of violations) {
      found += 1;
      console.log(
        `${theme} ${path} ${id}: ${help} (${nodes.length}) ${nodes[0]?.target} ${nodes[0]?.any[0]?.message ?? ''}`
      );
    }
    await close();
  }
await browser.close();
console.log(`${found} violations`);
process.exitCode = found ? 1 : 0;
