/** The server's answers for looking at the console: every person, unit and score is a sample. */
import { periods, thresholds } from '../host/fixtures.mjs';

const NAMES =
  'Việt Trì,TX Phú Thọ,Lâm Thao,Phù Ninh,Đoan Hùng,Hạ Hòa,Thanh Ba,Cẩm Khê,Yên Lập,Tam Nông,Thanh Thủy,Thanh Sơn,Tân Sơn'.split(
    ','
  );
const TOTALS = [95.5, 88.5, 92, 86, 84.5, null, 68, 78.5, null, 48.5, 82, 88, 86];
const CHANGES = [0, 1, 0, 0, 1, null, 1, 0, null, -1, -1, -1, 0];
const STAGES =
  'approved,approved,approved,approved,approved,draft,returned,submitted,draft,outdated,approved,submitted,submitted'.split(
    ','
  );
const EXPECTED = [22, 19, 18, 16, 17, 18, 16, 19, 17, 16, 15, 21, 18];
const MISSING = [0, 0, 0, 0, 0, 4, 1, 0, 8, 0, 0, 0, 0];
const SEEN_MINUTES = [5, 35, 12, 120, 40, 2880, 240, 1440, 12960, 60, 60, 20, 180];
const both = (vi, en = vi) => ({ vi, en });
const level = (t) =>
  t === null ? null : t >= 90 ? 'HTXSNV' : t >= 70 ? 'HTTNV' : t >= 50 ? 'HTNV' : 'KHTNV';
const id = (league, index) =>
  (league === 'centres' ? 'c' : '0') + String(index).padStart(2, '0') + 'f'.repeat(29);
const totals = (league) =>
  league === 'centres' ? TOTALS : TOTALS.map((t, i) => (t === null ? 71.5 + i : t - (i % 4)));

/** Two months before: nothing of a unit that has just merged. */
const past = (total, index) =>
  ['2022-10', '2022-09'].map((period, ago) => ({
    period,
    rank: total === null ? null : 1 + ((index + ago) % 13),
    total: total === null ? null : String(total - ago),
    level: level(total)
  }));

function league(code, vi, en, full, prefix, period, published) {
  const of = totals(code);
  const rows = NAMES.map((name, index) => ({
    rank: of[index] === null ? null : 1 + of.filter((t) => t !== null && t > of[index]).length,
    tied: of[index] !== null && of.filter((t) => t === of[index]).length > 1,
    unit: id(code, index),
    code: `${prefix}-${String(index + 1).padStart(2, '0')}`,
    name: `${full} ${name}`,
    short_name: name,
    total: of[index] === null ? null : String(of[index]),
    bonus: index % 3 === 0 ? '2.5' : '0',
    level: level(of[index]),
    change: CHANGES[index],
    ...(index === 4 ? { change: null, reorganised: 'merge' } : { past: past(of[index], index) }),
    mine: false
  }));
  rows.sort((a, b) => (a.rank ?? 99) - (b.rank ?? 99));
  return {
    period,
    league: code,
    title: both(vi, en),
    published,
    published_at: published ? Date.parse('2022-11-05T08:15:00+07:00') / 1000 : null,
    result_hash: published ? '4be1c07d9a52f3e86610d2c4ab77f09e1c5d38fa62904b7ee8d1550c9ab3f721' : null,
    tie_rule: both(
      'Bằng tổng điểm thì so điểm kết quả nhiệm vụ; vẫn bằng thì đồng hạng và bỏ hạng kế tiếp.',
      'Equal totals are parted by the points for results; then they share a rank and the next is left out.'
    ),
    thresholds,
    maximum: '100',
    trust: 'demonstration',
    rows
  };
}

const units = (now) =>
  [
    ['offices', 'Phòng Văn hóa và Thông tin'],
    ['centres', 'Trung tâm Văn hóa, Thể thao, Du lịch và Truyền thông']
  ].flatMap(([code, full]) =>
    NAMES.map((name, index) => ({
      unit: id(code, index),
      name: `${full} ${name}`,
      short_name: code === 'centres' && index === 0 ? 'Đài Việt Trì' : name,
      league: code,
      handed_in: code === 'centres' ? EXPECTED[index] - MISSING[index] : index === 7 ? 3 : 5,
      expected: code === 'centres' ? EXPECTED[index] : 5,
      sheet: code === 'centres' ? STAGES[index] : index === 3 ? 'submitted' : 'approved',
      last_seen: code === 'offices' && index === 7 ? null : now - SEEN_MINUTES[index] * 60
    }))
  );

export function overview(period, now) {
  const shown = periods.find((p) => p.id === (period || periods[0].id));
  if (!shown) return null;
  return {
    department: 'Sở Thông tin và Truyền thông Phú Thọ',
    demonstration: true,
    period: shown,
    periods,
    units: [
      ...units(now),
      {
        unit: 'd'.repeat(32),
        name: 'Sở',
        short_name: 'Sở',
        league: '',
        handed_in: 30,
        expected: 32,
        sheet: null,
        last_seen: now - 30
      }
    ],
    rankings: [
      league(
        'offices',
        'Phòng Văn hóa và Thông tin',
        'District offices of culture',
        'Phòng Văn hóa và Thông tin',
        'PVH',
        shown,
        shown.locked
      ),
      league(
        'centres',
        'Trung tâm và Đài',
        'Centres and the station',
        'Trung tâm Văn hóa, Thể thao, Du lịch và Truyền thông',
        'TT',
        shown,
        shown.locked
      )
    ]
  };
}

const people = {
  own: {
    author: 'Đinh Văn Cọ',
    code: 'TT-13-00',
    position: both('Giám đốc', 'Director'),
    device: 'Điện thoại TS-01'
  },
  appraised: {
    author: 'Phùng Thị Mơ',
    code: 'SO-TD1',
    position: both('Chuyên viên thẩm định', 'Supervisor'),
    device: 'Máy SO-02'
  }
};
const score = (column, value, counts, note = '', fits = true) => ({
  column,
  value: both(value.replaceAll('.', ','), value.replaceAll(',', '.')),
  note,
  counts,
  written: {
    ...people[column],
    at: Date.parse(column === 'own' ? '2022-11-24T16:05:00+07:00' : '2022-11-26T10:42:00+07:00') / 1000,
    clock_wrong: false,
    received: column !== 'own' || counts ? Date.parse('2022-11-26T18:20:00+07:00') / 1000 : null,
    place: 'received'
  },
  frame: 'a41f9c0277de51b8'.repeat(4),
  signature_fits: fits
});
const node = (title, value, rule, children, scores = [], of = null) => ({
  title: both(title),
  value: both(value, value.replaceAll(',', '.')),
  rule: rule && both(rule),
  level: of,
  scores,
  children
});
const criterion = (title, value, own, appraised, note, fits) =>
  node(
    title,
    value,
    'Lấy cột: Thẩm định',
    [],
    [score('own', own, false), score('appraised', appraised, true, note, fits)]
  );

export const unit = (broken = false) =>
  node(
    'Mức xếp loại đề xuất',
    'Hoàn thành tốt nhiệm vụ',
    '86 ≥ 70 và < 90 (xét trên điểm đã làm tròn)',
    [
      node(
        'Tổng điểm',
        '86,0/100',
        'Cộng các nhóm: 84,0 + 2,0 = 86,0; làm tròn 1 chữ số thập phân, từ nửa trở lên thì tăng',
        [
          node('I. Kết quả thực hiện nhiệm vụ', '84,0/90', 'Cộng các tiêu chí: 84,0', [
            criterion('1. Truyền thanh, truyền hình', '28,5/30', '29', '28.5', 'Thiếu 2 bản tin tuần thứ ba'),
            criterion(
              '2. Tuyên truyền lưu động',
              '17,5/20',
              '19',
              '17.5',
              '3 trong 24 buổi thiếu biên bản',
              !broken
            ),
            criterion('3. Tuyên truyền trực quan', '14,0/15', '14', '14'),
            criterion('4. Văn hóa, thể thao, du lịch', '14,5/15', '14.5', '14.5'),
            criterion(
              '5. Chế độ thông tin, báo cáo',
              '9,5/10',
              '10',
              '9.5',
              'Báo cáo tháng nộp chậm một ngày'
            )
          ]),
          node('II. Điểm thưởng', '2,0/10', 'Cộng các điểm thưởng: 2,0', [
            criterion('6. Thành tích nổi bật', '2,0/10', '2', '2'),
            node('7. Sáng kiến được nhân rộng', '–/5', 'Không có điểm thưởng', [])
          ])
        ]
      )
    ],
    [],
    'HTTNV'
  );
