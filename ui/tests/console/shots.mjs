/** Pictures of the console and a check by axe-core, into $SHOTS or /tmp/console-shots.
    On made-up answers, or on a running server: SERVER=http://127.0.0.1:8123 LOGIN=… PASSWORD=… */
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { NOW, periods } from '../host/fixtures.mjs';
import { serve } from '../serve.mjs';
import { overview, unit } from './api.mjs';
import { classification } from './classification.mjs';

const { SERVER, LOGIN = 'phong-tong-hop', PASSWORD = 'x', SHOTS = '/tmp/console-shots' } = process.env;
const only = process.argv[2] ?? '';
mkdirSync(SHOTS, { recursive: true });
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const site = SERVER ? { address: SERVER, close() {} } : await serve();
const flags =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags.split(' ') });
const problems = new Set();

const wrong = {
  code: 'login_wrong',
  message: { vi: 'Tên đăng nhập hoặc mật khẩu không đúng.', en: 'Wrong login or password.' }
};
const nobody = { code: 'login_needed', message: { vi: 'Hãy đăng nhập.', en: 'Log in first.' } };
const account = { login: 'phong-tong-hop', name: 'Lưu Thị Bưởi' };

/** Answers as the server does, from made-up data. */
async function fake(tab, scene) {
  let inside = !scene.out;
  await tab.route('**/api/**', async (route) => {
    const { pathname, searchParams } = new URL(route.request().url());
    const json = (body, status = 200) => route.fulfill({ status, json: body });
    if (scene.down) return route.abort();
    if (pathname === '/api/login') {
      inside = route.request().postDataJSON().password === PASSWORD;
      return inside ? json(account) : json(wrong, 401);
    }
    if (!inside) return json(nobody, 401);
    if (pathname === '/api/account') return json(account);
    if (scene.slow) return undefined;
    if (pathname === '/api/overview')
      return json(overview(searchParams.get('period'), Date.parse(NOW) / 1000));
    if (pathname === '/api/unit') return json(unit(scene.broken));
    if (pathname.startsWith('/api/classification')) return json(classification(periods[0]));
    return json(null);
  });
}

const login = async (tab, password = PASSWORD) => {
  await tab.getByTestId('login-name').fill(LOGIN);
  await tab.getByTestId('login-password').fill(password);
  await tab.getByTestId('login-submit').click();
};
const click =
  (...ids) =>
  async (tab) => {
    for (const id of ids) await tab.getByTestId(id).first().click();
  };
/** Name, scene, what to do before the picture, size of the window. */
const screens = [
  ['login', { out: true }],
  ['login-wrong', { out: true }, (tab) => login(tab, 'wrong')],
  ['overview', {}],
  ['all', {}, click('filter-all', 'rank-centres-TT-13')],
  ['unit', { broken: true }, click('rank-centres-TT-13')],
  ['table', {}, click('rank-centres-TT-13', 'ranking-view', 'fold')],
  ['offices', {}, click('league-offices')],
  ['published', {}, (tab) => tab.getByTestId('period').selectOption({ index: 1 })],
  ['display', {}, click('display')],
  ['slow', { slow: true }],
  ['down', { down: true }],
  ['800', {}, click('rank-centres-TT-13'), [800, 900]],
  ['200', { scale: 2 }, click('rank-centres-TT-13')],
  ['classes', {}, click('section-classes', 'class-unit-TT-13')],
  [
    'classes-decide',
    {},
    click('section-classes', 'class-unit-TT-13', 'decide-TT-13-04', 'decide-HTTNV', 'decide-save')
  ],
  ['classes-800', {}, click('section-classes', 'class-unit-TT-13'), [800, 900]],
  ['classes-360', {}, click('section-classes', 'class-unit-TT-13'), [360, 800]],
  ['classes-360-decide', {}, click('section-classes', 'class-unit-TT-13', 'decide-TT-13-04'), [360, 800]],
  ['en', { locale: 'en' }, click('rank-centres-TT-13')]
];

for (const theme of ['light', 'dark', 'contrast'])
  for (const [name, scene, prepare, [width, height] = [1280, 800]] of screens) {
    if (!`${theme}-${name}`.includes(only)) continue;
    const context = await browser.newContext({ viewport: { width, height } });
    const tab = await context.newPage();
    const note = (text) => problems.add(`${theme} ${name}: ${text}`);
    if (!SERVER) await tab.clock.setFixedTime(NOW);
    tab.on(
      'console',
      (m) => ['error', 'warning'].includes(m.type()) && !/Failed to load/.test(m.text()) && note(m.text())
    );
    tab.on('pageerror', (error) => note(String(error)));
    const settings = JSON.stringify({
      theme,
      scale: String(scene.scale ?? 1),
      PARAGLIDE_LOCALE: scene.locale ?? 'vi'
    });
    await tab.addInitScript(`for (const [k, v] of Object.entries(${settings})) localStorage.setItem(k, v);`);
    if (!SERVER) await fake(tab, scene);
    await tab.goto(site.address + '/');
    await tab.waitForTimeout(400);
    if (SERVER && !scene.out) await login(tab);
    await prepare?.(tab).catch((error) => note(String(error).split('\n')[0]));
    await tab.waitForTimeout(700);
    await tab.screenshot({ path: `${SHOTS}/${theme}-${name}.png`, fullPage: true });
    const sideways = await tab.evaluate('document.documentElement.scrollWidth > innerWidth');
    if (sideways) note('scrolls sideways');
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations } = await tab.evaluate(
      `(() => { ${axe}; return axe.run({ runOnly: ${JSON.stringify(tags)} }); })()`
    );
    for (const { id, nodes } of violations)
      note(
        `${id} (${nodes.length}) ${nodes[0]?.target} ${nodes[0]?.any[0]?.message ?? nodes[0]?.failureSummary ?? ''}`
      );
    await context.close();
  }
await browser.close();
site.close();
for (const problem of problems) console.log(problem);
