/** Pictures of every screen for looking at, into $SHOTS or /tmp/ui-shots. Build first: `npm run build && npm run shots`. */
import { mkdirSync } from 'node:fs';
import { open } from './browser.mjs';

const folder = process.env.SHOTS ?? '/tmp/ui-shots';
const only = process.argv[2] ?? '';
mkdirSync(folder, { recursive: true });

const click = (testid) => (tab) => tab.getByTestId(testid).first().click();
const type = (testid, text) => (tab) => tab.getByTestId(testid).fill(text);
const choose = (testid, value) => (tab) => tab.getByTestId(testid).selectOption(value);
const join = (text) => async (tab) => {
  await type('visit-invitation', text)(tab);
  await click('visit-join')(tab);
  await tab.waitForTimeout(1000);
};
const enrol = async (tab) => {
  await type('enrol-code', invitation)(tab);
  await type('enrol-claim', 'Nguyễn Văn Bách')(tab);
  await click('enrol-submit')(tab);
  await tab.waitForTimeout(1500);
};
const invitation = '192.168.43.1 K7QP-3MXN-ABCD-EFGH';
/** Name, path, scene, and what to do before the picture. */
const screens = [
  ['enrol', '/', { enrolled: false }],
  ['enrol-visit', '/', { enrolled: false }, enrol],
  ['home', '/', { offline: true }],
  ['home-reviewer', '/', { reviewer: true }],
  ['sheet', '/sheet?id=s-mine', {}, click('criterion-4')],
  ['sheet-replaced', '/sheet?id=s-mine', { changed: true }],
  ['sheet-work', '/sheet?id=s-mine', {}, click('criterion-6')],
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((number) => [
    `kind-${number}`,
    '/sheet?id=s-kinds',
    {},
    click(`criterion-${number}`)
  ]),
  ['kinds-review', '/sheet?id=s-kinds', { reviewer: true }, click('criterion-6')],
  ['sheet-returned', '/sheet?id=s-oct', {}],
  ['result', '/result?id=s-oct', {}],
  ['review', '/review', { reviewer: true }],
  ['review-sheet', '/sheet?id=s-lua', { reviewer: true }],
  ['conflicts', '/conflicts', { reviewer: true }, click('choose-0')],
  ['ranking', '/ranking', {}],
  ['sync', '/sync', { failing: true }, click('sync-now')],
  ['home-clock', '/', { changed: true }],
  ['sync-clock', '/sync', { changed: true }],
  ['conflicts-clock', '/conflicts', { changed: true, reviewer: true }],
  ['visit', '/visit', {}],
  ['visit-reviewer', '/visit', { reviewer: true }],
  ['visit-refused', '/visit', {}, join('K7QP 3MXN')],
  ['visit-hub', '/visit', { reviewer: true, visit: 'hub' }],
  ['visit-newcomer', '/visit', { reviewer: true, visit: 'newcomer' }, choose('newcomer-person', '0')],
  ['visit-hub-empty', '/visit', { reviewer: true, visit: 'empty' }],
  ['visit-closed', '/visit', { reviewer: true, visit: 'closed' }],
  ['visit-exchanging', '/visit', {}, join(invitation)],
  ['visit-failed', '/visit', { visit: 'failed' }, type('visit-invitation', invitation)],
  ['visit-done', '/visit', { visit: 'done' }, type('visit-invitation', invitation)],
  ['qr', '/visit', {}, click('qr-show')],
  ['qr-no-camera', '/visit', {}, click('qr-look')],
  ['minutes-delegation', '/minutes?id=s-unit', { reviewer: true, minutes: { side: 'appraised' } }],
  ['minutes-unit', '/minutes?id=s-unit', { minutes: { side: 'own' } }, click('minutes-sign')],
  ['minutes-signed', '/minutes?id=s-unit', { minutes: { side: 'own', signed: true } }],
  ['settings', '/settings', {}]
];
const looks = [
  ['light', {}],
  ['dark', { theme: 'dark' }],
  ['contrast', { theme: 'contrast' }],
  ['200', { scale: 2 }],
  ['desk', { width: 1280, height: 800 }]
];

const browser = await open();
for (const [look, paint] of looks)
  for (const [name, path, scene, prepare] of screens) {
    if (!`${name}-${look}`.includes(only)) continue;
    const { tab, go, close } = await browser.page({ ...scene, ...paint });
    await go(path);
    await prepare?.(tab).catch((error) =>
      browser.problems.push(`${name} ${look}: ${String(error).split('\n')[0]}`)
    );
    await tab.waitForTimeout(500);
    await tab.screenshot({ path: `${folder}/${look}-${name}.png` });
    await tab.screenshot({ path: `${folder}/${look}-${name}-full.png`, fullPage: true });
    await close();
  }
await browser.close();
for (const problem of new Set(browser.problems)) console.log(problem);
