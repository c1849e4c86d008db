/** A centre's sheet with the minutes of a visit: what the delegation sees of it, or the unit; signed by nobody or by both. */
import { token, written } from './fixtures.mjs';

const both = (vi, en = vi) => ({ vi, en });
const binh = {
  name: 'Lê Quang Bình',
  code: 'SO-TD2',
  position: both('Chuyên viên', 'Officer'),
  device: 'Máy của SO-TD2'
};
const co = {
  name: 'Đinh Văn Cọ',
  code: 'DEMO-011',
  position: both('Giám đốc', 'Director'),
  device: 'Điện thoại TS-01'
};

const TEXTS = {
  delegation: ['appraised', 'Lê Quang Bình, Chuyên viên; Trần Thị Mai, thành viên'],
  place: ['appraised', 'Trụ sở Trung tâm, khu 5, xã Tân Phú'],
  arrived: ['appraised', '08:30, 23/11/2022'],
  left: ['appraised', ''],
  remarks: ['appraised', 'Hồ sơ đầy đủ, khoa học.\nĐề nghị bổ sung biên bản nghiệm thu ba buổi lưu động.'],
  representative: ['own', 'Đinh Văn Cọ, Giám đốc'],
  opinion: ['own', 'Nhất trí; bảo lưu ý kiến về tiêu chí 2.']
};

/** Appraised points of the first criteria, with the reason where they differ. */
const APPRAISED = {
  1: ['14', ''],
  2: ['12', 'Hội thi chậm 2 ngày so với kế hoạch 38.'],
  3: ['11.5', ''],
  4: ['9', '']
};

/** `side`: own or appraised; `signed`: by both. */
export function withMinutes(sheet, { side, signed }) {
  const unit = structuredClone(sheet);
  unit.summary = {
    ...unit.summary,
    id: 's-unit',
    of_unit: true,
    subject: 'Trung tâm VHTTDL&TT huyện Tân Sơn',
    code: 'TT-13',
    unit: 'Trung tâm VHTTDL&TT huyện Tân Sơn',
    title: both('Phiếu chấm điểm Trung tâm, Đài', 'Sheet of centres and the station'),
    mine: side === 'own',
    reviewing: side !== 'own'
  };
  for (const column of unit.columns) column.editable = column.column === side;
  const criteria = unit.groups.flatMap((group) => group.criteria);
  for (const criterion of criteria) {
    const [points, note] = APPRAISED[criterion.number] ?? [null, ''];
    const cell = criterion.cells.find((each) => each.column === 'appraised');
    if (points)
      Object.assign(cell, { points, entered: points, note, written: written(binh, '2022-11-23T09:10:00') });
  }
  const action = side === 'own' ? 'sign_for_unit' : 'sign_for_delegation';
  unit.actions = signed ? [] : [{ action, blocked: null }];
  const signature = (by, who, at, place) => ({
    action: by,
    by: written(who, at, place),
    reason: '',
    outdated: false
  });
  unit.minutes = {
    parts: Object.entries(TEXTS).map(([part, [column, text]]) => ({
      part,
      column,
      text,
      token: token(),
      written: null,
      conflict: false
    })),
    items: criteria.filter((criterion) => APPRAISED[criterion.number]),
    stamp: 'a1',
    digest: signed ? '5f0c11d2a94be07733d1c2ab90e4f618' : null,
    signatures: signed
      ? [
          signature('sign_for_unit', co, '2022-11-23T11:05:00', 'carried'),
          signature('sign_for_delegation', binh, '2022-11-23T11:10:00', 'waiting')
        ]
      : [],
    signed: !!signed
  };
  return unit;
}
