/** A made-up classification: gates, quotas, signals and decisions to look at. */
const both = (vi, en = vi) => ({ vi, en });
const STAFF = both('Viên chức', 'Staff');
const HEADS = both('Giám đốc, Phó Giám đốc', 'Directors and deputies');

const row = (code, name, position, total, level, rest = {}) => ({
  sheet: `sheet-${code}`,
  code,
  name,
  position,
  total,
  level,
  not_rated: false,
  provisional: false,
  rank: null,
  gates: [],
  over_quota: false,
  decided: null,
  ruleset: STAFF,
  ...rest
});

const PEOPLE = [
  row('TT-13-00', 'Đinh Văn Cọ', both('Giám đốc', 'Director'), '95', 'HTTNV', {
    rank: 1,
    ruleset: HEADS,
    gates: [
      both('Không cao hơn mức xếp loại của đơn vị: Xuất sắc → Tốt', 'Not above the unit: Excellent → Good')
    ],
    decided: {
      level: 'HTTNV',
      outstanding: false,
      reason: '',
      by: 'Lưu Thị Bưởi',
      at: Date.parse('2022-11-28T09:12:00+07:00') / 1000
    }
  }),
  row('TT-13-01', 'Hà Thị Lụa', STAFF, '96.5', 'HTXSNV', { rank: 1 }),
  row('TT-13-04', 'Nguyễn Thị Sim', STAFF, '94', 'HTXSNV', { rank: 2, over_quota: true }),
  row('TT-13-05', 'Phùng Văn Trám', STAFF, '94', 'HTXSNV', {
    rank: 2,
    over_quota: true,
    decided: {
      level: 'HTTNV',
      outstanding: false,
      reason: 'Vượt tỷ lệ 20%; tập thể đã thống nhất ngày 27/11.',
      by: 'Lưu Thị Bưởi',
      at: Date.parse('2022-11-28T09:20:00+07:00') / 1000
    }
  }),
  row('TT-13-07', 'Trần Văn Gụ', STAFF, '82.3333', 'HTNV', {
    rank: 4,
    gates: [
      both(
        'Nghỉ từ 3 tháng đến dưới 6 tháng: không cao hơn Hoàn thành nhiệm vụ',
        'Absent 3 to 6 months: at most Completed'
      ),
      both(
        'Chưa đủ điều kiện của mức Tốt: 100% nhiệm vụ đúng hạn',
        'Condition of Good does not hold: all tasks on time'
      )
    ]
  }),
  row('TT-13-09', 'Lò Thị Mận', STAFF, '88', null, {
    not_rated: true,
    gates: [both('Thời gian công tác dưới 6 tháng: không đánh giá, xếp loại', 'Under 6 months: not rated')]
  }),
  row('TT-13-10', 'Hoàng Văn Chò', STAFF, null, null, { provisional: true })
];

const signal = (name, about, value, formula, sentence, noticeable) => ({
  name: both(name),
  about,
  value: both(value),
  formula: both(formula),
  source: both('Bài của báo Phú Thọ, 2022', 'Press, 2022'),
  sentence: both(sentence),
  noticeable
});

const unit = (index, name, own, rest = {}) => ({
  unit: String(index).repeat(32),
  code: own.code,
  name,
  own,
  people: [],
  quotas: [],
  signals: [],
  ...rest
});

const NAME = 'Trung tâm Văn hóa, Thể thao, Du lịch và Truyền thông';

export const classification = (period) => ({
  period,
  units: [
    {
      unit: 'd'.repeat(32),
      code: 'SO',
      name: 'Sở Thông tin và Truyền thông',
      own: null,
      people: [
        row('SO-TD1', 'Phùng Thị Mơ', both('Chuyên viên thẩm định', 'Supervisor'), '91', 'HTXSNV', {
          rank: 1
        })
      ],
      quotas: [],
      signals: []
    },
    unit(3, `${NAME} Tân Sơn`, row('TT-13', `${NAME} Tân Sơn`, both('', ''), '86', 'HTTNV', { rank: 5 }), {
      people: PEOPLE,
      quotas: [
        {
          title: both('Xuất sắc trong số viên chức', 'Excellent among the staff'),
          count: 3,
          limit: 1,
          rule: both(
            'Không quá 20% của 5 người từ mức Tốt trở lên: 5 × 20% = 1',
            'At most 20% of 5 people: 1'
          ),
          over: ['TT-13-04', 'TT-13-05']
        }
      ],
      signals: [
        signal(
          'Cào bằng: độ phân tán điểm',
          'TT-13',
          '4,8',
          'σ = √(Σ(x − 91,6)² ÷ 6) = 4,8',
          'Điểm của đơn vị có phân hóa.',
          false
        ),
        signal(
          'Điểm ghi trong ba ngày cuối',
          'TT-13',
          '82%',
          '123 ÷ 150 = 82%',
          'Phần lớn điểm ghi dồn vào cuối kỳ: nên nhắc ghi đều hằng tuần.',
          true
        )
      ]
    }),
    unit(
      4,
      `${NAME} Việt Trì`,
      row('TT-01', `${NAME} Việt Trì`, both('', ''), '95.5', 'HTXSNV', { rank: 1, over_quota: true })
    ),
    unit(5, `${NAME} Yên Lập`, row('TT-09', `${NAME} Yên Lập`, both('', ''), null, null))
  ],
  quotas: [
    {
      title: both('Xuất sắc trong cụm Trung tâm và Đài', 'Excellent among the centres'),
      count: 1,
      limit: 2,
      rule: both('Không quá 20% của 13 đơn vị: 13 × 20% = 2,6 → 2', 'At most 20% of 13 units: 2'),
      over: []
    }
  ],
  signals: [
    signal(
      'Độ nghiêm của người thẩm định',
      'SO-TD1',
      '−1,4',
      'trung bình(thẩm định − cấp trên) trên 6 đơn vị = −1,4',
      'Thẩm định thấp hơn cấp trên ở mọi đơn vị: đối chiếu cách hiểu tiêu chí.',
      true
    )
  ]
});
