import { readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { conflicts, me, NOW, periods, sheets } from './host/fixtures.mjs';
import { rankings } from './host/rankings.mjs';
import { serve } from './serve.mjs';

const flags =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';
const host = await readFile(new URL('./host/host.js', import.meta.url), 'utf8');

const failed = {
  code: 'offline',
  message: {
    vi: 'Chưa kết nối được máy chủ. Dữ liệu vẫn lưu trên máy; sẽ gửi tiếp khi có mạng.',
    en: 'The server cannot be reached.'
  }
};

/** Made-up data of one scene. */
function scene({ reviewer = false, enrolled = true, failing = false }) {
  const list = sheets(reviewer);
  const waiting = list[0].summary;
  const rejected = {
    sheet: list[1].summary,
    label: '7. Chấp hành giờ làm việc',
    value: '9',
    reason: {
      code: 'period_locked',
      message: { vi: 'Kỳ 10/2022 đã khóa trước khi điểm này tới máy chủ.', en: 'Locked.' }
    }
  };
  return {
    me: enrolled ? me(reviewer) : null,
    enrolled: me(reviewer),
    periods,
    sheets: list,
    conflicts: conflicts(waiting),
    rankings: rankings(),
    rejected: failing ? [rejected] : [],
    lastSuccess: Date.parse('2022-11-21T14:05:00+07:00') / 1000,
    failure: failing ? failed : null
  };
}

/** Opens the built app in Chromium on the made-up host. */
export async function open() {
  const site = await serve();
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags.split(' ') });
  const problems = [];
  async function page({
    theme = 'light',
    scale = 1,
    locale = 'vi',
    width = 360,
    height = 800,
    ...options
  } = {}) {
    const context = await browser.newContext({ viewport: { width, height }, deviceScaleFactor: 2 });
    const tab = await context.newPage();
    await tab.clock.setFixedTime(NOW);
    tab.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) problems.push(message.text());
    });
    tab.on('pageerror', (error) => problems.push(String(error)));
    const settings = JSON.stringify({ theme, scale: String(scale), PARAGLIDE_LOCALE: locale });
    await tab.addInitScript(`for (const [k, v] of Object.entries(${settings})) localStorage.setItem(k, v);
      window.__FAKE__ = ${JSON.stringify(scene(options))}; ${host}`);
    if (options.offline)
      await tab.addInitScript("Object.defineProperty(navigator, 'onLine', { get: () => false })");
    return {
      tab,
      go: (path) => tab.goto(site.address + path, { waitUntil: 'networkidle' }),
      close: () => context.close()
    };
  }
  return {
    page,
    problems,
    async close() {
      await browser.close();
      site.close();
    }
  };
}
