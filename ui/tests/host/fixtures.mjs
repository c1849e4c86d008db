/** Made-up data for looking at the screens: every person, code and score is a sample. */
const both = (vi, en = vi) => ({ vi, en });
const at = (text) => Date.parse(`${text}+07:00`) / 1000;

export const NOW = '2022-11-23T14:20:00+07:00';

const month = (id, locked) => {
  const next = id === '2022-11' ? '2022-12-05' : '2022-11-05';
  return {
    id,
    locked,
    own_until: `${id}-25`,
    superior_until: `${id}-26`,
    classified_on: `${id}-28`,
    published_on: next
  };
};
const november = month('2022-11', false);
const october = month('2022-10', true);
export const periods = [november, october];

const lua = {
  name: 'Hà Thị Lụa',
  code: 'DEMO-017',
  position: both('Viên chức', 'Staff'),
  device: 'Điện thoại TS-03'
};
const co = {
  name: 'Đinh Văn Cọ',
  code: 'DEMO-011',
  position: both('Giám đốc', 'Director'),
  device: 'Điện thoại TS-01'
};
const gam = {
  name: 'Trần Thị Gấm',
  code: 'DEMO-012',
  position: both('Phó Giám đốc', 'Deputy'),
  device: 'Máy tính TS-PC-2'
};

export const me = (reviewer) => {
  const { name, code, position, device } = reviewer ? co : lua;
  const unit = 'Trung tâm VHTTDL&TT huyện Tân Sơn';
  return {
    code,
    name,
    position,
    device,
    unit,
    department: 'Sở VHTTDL Phú Thọ',
    demonstration: true,
    enrolled_by: null,
    reviews: reviewer
  };
};

export const written = (who, when, place = 'received') => ({
  author: who.name,
  code: who.code,
  position: who.position,
  device: who.device,
  at: at(when),
  clock_wrong: false,
  received: place === 'received' ? at(when) + 3600 : null,
  place
});

const GROUPS = [
  [
    'I',
    'Trọng tâm, nhiệm vụ mới và khó',
    [
      ['Chất lượng tham mưu kế hoạch tháng', '15', '14'],
      ['Nhiệm vụ mới, khó, đột xuất được giao', '15', '14']
    ]
  ],
  [
    'II',
    'Nhiệm vụ thường xuyên',
    [
      ['Tin, bài truyền thanh đúng kế hoạch', '12', '11.5'],
      ['Tuyên truyền lưu động tại cơ sở', '10', '9'],
      ['Tuyên truyền trực quan', '8', null],
      ['Sản phẩm văn hóa quy đổi', '10', null, 'work']
    ]
  ],
  [
    'III',
    'Kỷ luật, kỷ cương',
    [
      ['Chấp hành giờ làm việc và nội quy cơ quan', '10', '10'],
      ['Chế độ thông tin, báo cáo', '5', '4.5'],
      ['Phối hợp công tác với các xã, trường học và đơn vị trên địa bàn huyện', '5', '5'],
      ['Học tập, bồi dưỡng', '10', null]
    ]
  ],
  ['IV', 'Điểm thưởng', [['Sáng kiến được áp dụng', '6', null, 'bonus']]]
];

let tokens = 0;
export const token = () => `h${(tokens += 1)}`;

const cell = (column, entered, who, when, note = '', points = entered) => ({
  column,
  takes: true,
  points,
  entered,
  token: token(),
  note,
  note_token: token(),
  written: entered === null ? null : written(who, when, column === 'own' ? 'waiting' : 'received'),
  conflict: false,
  evidence: []
});

const LINES = [
  ['Tin truyền hình', 'tin', '1'],
  ['Phóng sự (5–7 phút)', 'phóng sự', '3.5']
];
const MEASURES = ['assigned', 'completed', 'quality_ok', 'on_time'];

const line = ([title, unit, coefficient], index) => ({
  product: index + 1,
  title: both(title),
  measure_unit: both(unit),
  coefficient,
  quantities: ['own', 'superior', 'appraised'].flatMap((column) =>
    MEASURES.map((measure) => ({ column, measure, value: null, token: token(), conflict: false }))
  )
});

/** Superior's points where they differ from the person's own, with the reason. */
const CHANGED = {
  2: ['12.5', 'Hội thi chậm 2 ngày so với kế hoạch 38.'],
  4: ['8', '1 trong 6 buổi chưa có biên bản.'],
  8: ['5', '']
};

function criterion([title, max, points, kind = 'points'], number, code, filled) {
  const own = filled && points === null && kind === 'points' ? String(Number(max) - 1.5) : points;
  const changed = filled ? CHANGED[number] : undefined;
  const superior = changed ?? (filled && number < 8 && own !== null ? [own, ''] : [null, '']);
  const note = number === 4 ? '6 buổi tại Thu Cúc, Xuân Đài, Kim Thượng, Long Cốc theo KH 42.' : '';
  return {
    number,
    label: String(number),
    title: both(title),
    kind,
    max,
    most: max,
    step: '0.5',
    unit: null,
    rule: kind === 'bonus' ? both(`Điểm thưởng, tối đa ${max}`, `Bonus, at most ${max}`) : null,
    evidence: kind === 'bonus',
    required: kind !== 'bonus',
    cells: [
      cell('own', own, lua, '2022-11-23T14:05:00', note),
      cell('superior', superior[0], co, '2022-11-24T08:47:00', superior[1]),
      cell('appraised', null, co, '2022-11-24T08:47:00')
    ],
    last_period: number % 3 ? '8.5' : null,
    lines: kind === 'work' ? LINES.map(line) : [],
    group: code
  };
}

/** One criterion of each kind, answered by the person and by the superior: kind, title, what is entered, its points. */
const KINDS = [
  {
    title: 'Tỷ lệ nhiệm vụ đúng hạn',
    kind: 'figure',
    max: '0',
    most: '100',
    unit: both('%'),
    own: ['95', null],
    rule: both('Số liệu (%); không tính điểm', 'Figure (%); no points')
  },
  {
    title: 'Kết quả nhiệm vụ theo tỷ lệ',
    kind: 'banded',
    max: '20',
    own: ['18.5', '18.5'],
    superior: ['17', null, 'Hai nhiệm vụ nộp chậm.'],
    rule: both('Theo tỷ lệ ở tiêu chí số 1; từ 95%: 18 đến 20 điểm; từ 80%: 15 đến 17,5 điểm')
  },
  {
    title: 'Bài viết được đăng báo tỉnh',
    kind: 'count',
    max: '10',
    most: '1000',
    own: ['3', '6'],
    superior: ['2', '4'],
    rule: both('Mỗi lần 2 điểm, tối đa 10')
  },
  {
    title: 'Hoàn thành kế hoạch tháng',
    kind: 'two_level',
    max: '10',
    most: '1',
    own: ['1', '10'],
    rule: both('Đạt: 10 điểm; không đạt: 0')
  },
  {
    title: 'Bị xử lý kỷ luật trong kỳ',
    kind: 'pass_fail',
    max: '0',
    most: '1',
    required: false,
    own: ['0', null],
    rule: both('Có hoặc không; không tính điểm')
  },
  {
    title: 'Vi phạm giờ giấc, nội quy',
    kind: 'deduct',
    max: '5',
    most: '1000',
    required: false,
    own: ['1', '-1'],
    superior: ['3', '-4', 'Sổ trực ngày 4, 9 và 17.'],
    rule: both('Mỗi lần trừ 1 điểm, lần sau thêm 0,5, trừ nhiều nhất 5')
  },
  {
    title: 'Báo cáo nộp chậm',
    kind: 'deduct_late',
    max: '3',
    most: '1000',
    required: false,
    own: ['2', '-1'],
    rule: both('Trừ theo số ngày chậm; từ 1 ngày: 1 điểm; từ 5 ngày: 3 điểm')
  },
  {
    title: 'Sáng kiến được công nhận',
    kind: 'bonus',
    max: '5',
    required: false,
    evidence: true,
    own: ['4', null],
    rule: both('Điểm thưởng, tối đa 5')
  },
  { title: 'Thủ trưởng đánh giá thái độ phối hợp', kind: 'points', max: '10', takes: ['superior'] }
];

function ofKind({ own = [null, null], superior = [null, null], takes, title, ...fields }, index) {
  const [number, when] = [index + 1, '2022-11-24T08:47:00'];
  const cells = [
    cell('own', own[0], lua, '2022-11-23T14:05:00', '', own[1]),
    cell('superior', superior[0], co, when, superior[2], superior[1])
  ];
  return {
    number,
    label: `I.${number}`,
    title: both(title),
    most: fields.max,
    step: fields.kind === 'figure' ? '0' : '0.5',
    unit: null,
    rule: null,
    evidence: false,
    required: true,
    ...fields,
    cells: cells.map((each) => ({ ...each, takes: !takes || takes.includes(each.column) })),
    last_period: null,
    lines: []
  };
}

function groups(filled) {
  let number = 0;
  return GROUPS.map(([code, title, criteria]) => ({
    code,
    title: both(title),
    max: String(criteria.reduce((sum, [, max]) => sum + Number(max), 0)),
    criteria: criteria.map((row) => criterion(row, (number += 1), code, filled))
  }));
}

export const thresholds = [
  { level: 'KHTNV', from: '0' },
  { level: 'HTNV', from: '50' },
  { level: 'HTTNV', from: '70' },
  { level: 'HTXSNV', from: '90' }
];

const summary = (id, who, fields) => ({
  id,
  of_unit: false,
  subject: who.name,
  code: who.code,
  unit: 'Tân Sơn',
  period: november,
  title: both('Phiếu chấm điểm viên chức', 'Staff sheet'),
  place: 'waiting',
  carried: null,
  stage: 'draft',
  total: null,
  mine: true,
  reviewing: false,
  conflicts: 0,
  ...fields
});

const leaf = (title, value, score) => ({
  title: both(title),
  value: both(value),
  rule: null,
  level: null,
  scores: [score],
  children: []
});
const signed = (value, who, when, counts, note = '') => ({
  column: who === lua ? 'own' : 'superior',
  value: both(value.replace('.', ','), value),
  note,
  written: written(who, when),
  counts,
  frame: '9f2c41aa07b3e65d18c0f4227be1903d55aa',
  signature_fits: true
});

const explanation = {
  title: both('Tổng điểm', 'Total'),
  value: both('86,5/100', '86.5/100'),
  rule: both('Tổng các nhóm, làm tròn 0,5; cột tính: Cấp trên.', 'Sum of groups, rounded to 0.5.'),
  level: null,
  scores: [],
  children: [
    {
      title: both('Mức đề nghị', 'Level'),
      value: both('Hoàn thành tốt nhiệm vụ', 'Good'),
      rule: both('Từ 70 đến dưới 90 điểm. Mức của người đứng đầu không cao hơn mức của đơn vị.'),
      level: 'HTTNV',
      source: null,
      scores: [],
      children: []
    },
    {
      title: both('Nghỉ từ 3 tháng đến dưới 6 tháng trong năm'),
      value: both('Hoàn thành tốt nhiệm vụ → Hoàn thành nhiệm vụ'),
      rule: both('Không cao hơn Hoàn thành nhiệm vụ; Số ngày nghỉ ≥ 90 ngày'),
      level: 'HTNV',
      source: both('Nghị định 90/2020/NĐ-CP, Điều 2 khoản 5'),
      scores: [],
      children: []
    },
    {
      title: both('III. Điểm trừ'),
      value: both('-2,5/5', '-2.5/5'),
      rule: both('Cộng các điểm trừ: -2,5'),
      level: null,
      source: null,
      scores: [],
      children: []
    },
    {
      title: both('II. Nhiệm vụ thường xuyên'),
      value: both('32/40'),
      rule: null,
      level: null,
      scores: [],
      children: [
        leaf(
          '3. Tin, bài truyền thanh đúng kế hoạch',
          '11,5/12',
          signed('11.5', lua, '2022-11-23T10:42:00', true)
        ),
        {
          title: both('4. Tuyên truyền lưu động tại cơ sở'),
          value: both('8/10'),
          rule: null,
          level: null,
          scores: [
            signed('8', co, '2022-11-24T08:47:00', true, '1 trong 6 buổi chưa có biên bản'),
            { ...signed('9', lua, '2022-11-23T14:05:00', false), frame: null, signature_fits: false }
          ],
          children: []
        }
      ]
    }
  ]
};

/** A sheet with every kind of criterion. */
const kinds = (line, column) => {
  const sheet = view(line, false, column, []);
  const criteria = KINDS.map(ofKind);
  return {
    ...sheet,
    columns: sheet.columns.slice(0, 2),
    groups: [{ code: 'I', title: both('Các loại tiêu chí'), max: '65', criteria }]
  };
};

const view = (line, filled, column, actions, acts = []) => ({
  summary: line,
  ruleset: 'A.3',
  trust: 'demonstration',
  source: both('Bộ tiêu chí mẫu soạn để trình diễn.', 'A sample set.'),
  thresholds,
  maximum: '100',
  columns: ['own', 'superior', 'appraised'].map((c) => ({
    column: c,
    editable: c === column,
    counts: c === (filled ? 'superior' : 'own'),
    total: null
  })),
  groups: groups(filled),
  actions,
  acts,
  explanation,
  replaced: null
});

const submitted = { action: 'submit', by: written(lua, '2022-11-23T17:02:00'), reason: '', outdated: false };
const sentBack = {
  action: 'return',
  by: written(co, '2022-10-26T09:10:00'),
  reason: 'Thiếu số văn bản ở tiêu chí 2.',
  outdated: false
};

export function sheets(reviewer) {
  const own = reviewer
    ? summary('s-mine', co, { place: 'received' })
    : summary('s-mine', lua, { conflicts: 1 });
  const list = [
    view(own, false, 'own', [{ action: 'submit', blocked: null }]),
    view(
      summary('s-oct', reviewer ? co : lua, { period: october, place: 'failed', stage: 'returned' }),
      true,
      'none',
      [],
      [{ ...submitted, by: written(lua, '2022-10-24T17:02:00') }, sentBack]
    )
  ];
  const every = {
    period: october,
    subject: 'Lò Thị Mận',
    code: 'DEMO-018',
    place: 'received',
    mine: !reviewer
  };
  list.push(kinds(summary('s-kinds', lua, { ...every, reviewing: reviewer }), reviewer ? 'superior' : 'own'));
  if (reviewer)
    list.push(
      view(
        summary('s-lua', lua, { place: 'received', stage: 'submitted', mine: false, reviewing: true }),
        true,
        'superior',
        [
          { action: 'approve', blocked: both('thiếu 1 lý do', '1 reason missing') },
          { action: 'return', blocked: null }
        ],
        [submitted]
      ),
      view(
        summary('s-gam', gam, {
          place: 'carried',
          carried: { by: 'Lê Quang Bình', at: 1669200000 },
          stage: 'approved',
          mine: false,
          reviewing: true
        }),
        true,
        'none',
        [],
        [submitted]
      )
    );
  return list;
}

export const conflicts = (line) => [
  {
    id: 'c1',
    sheet: line,
    criterion: 4,
    label: '4',
    title: both('Tuyên truyền lưu động tại cơ sở'),
    column: 'superior',
    field: 'points',
    max: '10',
    step: '0.5',
    before: '9',
    values: [
      { value: '8', note: '1 trong 6 buổi chưa có biên bản', written: written(co, '2022-11-26T08:47:00') },
      {
        value: '7.5',
        note: 'Buổi ở Xuân Đài hoãn, chưa diễn bù',
        written: written(gam, '2022-11-26T09:20:00', 'waiting')
      }
    ],
    token: 'c1-both',
    may_settle: true
  },
  {
    id: 'c2',
    sheet: line,
    criterion: 3,
    label: '3',
    title: both('Tin, bài truyền thanh đúng kế hoạch'),
    column: 'own',
    field: 'note',
    max: '12',
    step: '0.5',
    before: null,
    values: [
      { value: '24 tin, 2 phóng sự', note: '', written: written(lua, '2022-11-22T08:47:00') },
      {
        value: '24 tin',
        note: '',
        written: written({ ...lua, device: 'Máy tính TS-PC-2' }, '2022-11-22T09:20:00')
      }
    ],
    token: 'c2-both',
    may_settle: false
  }
];
