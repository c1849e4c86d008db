/** A made-up ranking of thirteen centres, with a tie and two without enough data. */
import { periods, thresholds } from './fixtures.mjs';

const NAMES =
  'Việt Trì,Lâm Thao,Thanh Sơn,TX Phú Thọ,Phù Ninh,Tân Sơn,Thanh Thủy,Đoan Hùng,Cẩm Khê,Tam Nông,Thanh Ba,Hạ Hòa,Yên Lập'.split(
    ','
  );
const TOTALS = [94.5, 89, 88, 87.5, 86, 86, 84.5, 82, 79.5, 76, 68, 48, null];
const CHANGES = [1, -1, 3, 0, 2, 4, -4, -3, 1, null, 0, -2, null];

const level = (total) =>
  total === null ? null : total >= 90 ? 'HTXSNV' : total >= 70 ? 'HTTNV' : total >= 50 ? 'HTNV' : 'KHTNV';

const row = (name, index) => ({
  rank: TOTALS[index] === null ? null : TOTALS.indexOf(TOTALS[index]) + 1,
  tied: TOTALS.filter((total) => total !== null && total === TOTALS[index]).length > 1,
  unit: `u${index}`,
  code: `DEMO-U${String(index + 1).padStart(2, '0')}`,
  name: `Trung tâm Văn hóa, Thể thao, Du lịch và Truyền thông ${name}`,
  short_name: name,
  total: TOTALS[index] === null ? null : String(TOTALS[index]),
  bonus: index % 4 === 0 ? '2' : '0',
  level: level(TOTALS[index]),
  change: CHANGES[index],
  mine: name === 'Tân Sơn'
});

const league = (code, vi, en, period, published, count) => ({
  period,
  league: code,
  title: { vi, en },
  published,
  published_at: published ? Date.parse('2022-11-05T08:15:00+07:00') / 1000 : null,
  result_hash: published ? '4be1c07d9a52f3e86610d2c4ab77f09e1c5d38fa62904b7ee8d1550c9ab3f721' : null,
  tie_rule: {
    vi: 'Bằng tổng điểm thì so điểm kết quả nhiệm vụ; vẫn bằng thì đồng hạng và bỏ hạng kế tiếp.',
    en: 'Equal totals share a rank; the next rank is left out.'
  },
  thresholds,
  maximum: '100',
  trust: 'demonstration',
  rows: NAMES.slice(0, count).map(row)
});

export function rankings() {
  const [november, october] = periods;
  return [
    league('centres', 'Trung tâm và Đài', 'Centres', october, true, 13),
    league('offices', 'Phòng chuyên môn', 'Offices', october, true, 5),
    league('centres', 'Trung tâm và Đài', 'Centres', november, false, 13)
  ];
}
