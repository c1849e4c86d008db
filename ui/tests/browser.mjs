import { readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { conflicts, me, NOW, periods, sheets } from './host/fixtures.mjs';
import { withMinutes } from './host/minutes.mjs';
import { rankings } from './host/rankings.mjs';
import { candidates, codes, parts, visits } from './host/visits.mjs';
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

const clock = {
  vi: 'Đồng hồ của máy này chạy nhanh khoảng 3 giờ: giờ ghi trên các điểm có thể không đúng, nhưng không ảnh hưởng đến điểm. Hãy chỉnh lại giờ trong phần cài đặt của máy.',
  en: "This device's clock is about 3 hours fast: times beside scores may be wrong, which changes no score. Please set the clock in the device's settings."
};
const replaced = {
  by: 's-oct',
  notice: {
    vi: 'Kỳ này đã chuyển sang bộ tiêu chí A.4; phiếu này giữ bộ cũ A.3. Không có gì đã ghi bị mất, nhưng xếp loại theo phiếu mới: hãy mở phiếu mới và chấm ở đó.',
    en: 'This period now uses criteria set A.4; this sheet keeps the former one, A.3. Nothing written is lost, but the new sheet is what counts: please open it and score there.'
  }
};

/** Made-up data of one scene; `changed`: the device's clock is wrong and the criteria set was replaced; `visit`: its name in `visits`; `minutes`: see there. */
function scene({
  reviewer = false,
  enrolled = true,
  failing = false,
  changed = false,
  visit = 'none',
  minutes
}) {
  const list = sheets(reviewer);
  if (minutes) list.push(withMinutes(list[0], minutes));
  const doubts = conflicts(list[0].summary);
  if (changed) {
    list[0].replaced = replaced;
    doubts[0].values[0].written = { ...doubts[0].values[0].written, at: 4070908800, clock_wrong: true };
  }
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
    conflicts: doubts,
    rankings: rankings(),
    rejected: failing ? [rejected] : [],
    lastSuccess: Date.parse('2022-11-21T14:05:00+07:00') / 1000,
    failure: failing ? failed : null,
    clock: changed ? clock : null,
    visits,
    candidates,
    codes,
    parts,
    visit: visits[visit]
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
