/* A host that answers the app's commands from made-up data, inside the page. It stands in for the shell while
   screens are looked at, and is never part of the product. `window.__FAKE__` holds the data. */
(() => {
  const state = window.__FAKE__;
  const both = (vi) => ({ vi, en: vi });
  const fail = (code, vi) => Promise.reject({ code, message: both(vi) });
  let tokens = 1000;
  const fresh = () => `h${(tokens += 1)}`;
  const now = () => Math.floor(Date.now() / 1000);
  const who = () => ({
    author: state.me.name,
    code: state.me.code,
    position: state.me.position,
    device: state.me.device,
    at: now(),
    clock_wrong: false,
    received: null,
    place: 'waiting'
  });
  const find = (id) => state.sheets.find((sheet) => sheet.summary.id === id);
  const criteria = (sheet) => sheet.groups.flatMap((group) => group.criteria);
  const cellOf = (criterion, column) => criterion.cells.find((cell) => cell.column === column);
  const level = (sheet, total) =>
    sheet.thresholds.filter((threshold) => Number(threshold.from) <= total).pop()?.level ?? null;

  function totalOf(sheet, column) {
    const needed = criteria(sheet).filter((c) => c.required);
    const worth = (c) => cellOf(c, column)?.points ?? null;
    const open = needed.filter((c) => (c.kind === 'figure' ? cellOf(c, column).entered : worth(c)) === null);
    const sum = criteria(sheet).reduce((all, c) => all + Number(worth(c) ?? 0), 0);
    return {
      total: open.length ? null : String(sum),
      so_far: String(sum),
      possible: String(open.reduce((all, c) => all + Number(c.max), sum)),
      level: open.length === needed.length ? null : level(sheet, sum),
      not_rated: false,
      range: null,
      provisional: sheet.summary.stage !== 'approved',
      answered: needed.length - open.length,
      criteria: needed.length
    };
  }

  function settle(sheet) {
    for (const column of sheet.columns) column.total = totalOf(sheet, column.column);
    const counting = sheet.columns.find((column) => column.counts) ?? sheet.columns[0];
    sheet.summary.total = counting.total;
    for (const action of sheet.actions)
      if (action.action === 'submit')
        action.blocked =
          counting.total.total === null
            ? both(`còn ${counting.total.criteria - counting.total.answered} tiêu chí`)
            : null;
    for (const action of sheet.actions)
      if (action.action === 'approve') {
        const missing = criteria(sheet).filter((c) => {
          const [own, superior] = c.cells;
          return superior.points !== null && superior.points !== own.points && !superior.note;
        }).length;
        action.blocked = missing ? both(`thiếu ${missing} lý do`) : null;
      }
    return structuredClone(sheet);
  }
  state.sheets.forEach(settle);

  function points(text, criterion) {
    if (text.trim() === '') return null;
    const value = Number(text.trim().replace(',', '.'));
    if (!Number.isFinite(value)) throw { code: 'not_a_number', message: both('Hãy ghi một số, ví dụ 8,5.') };
    if (criterion && value > Number(criterion.most ?? criterion.max))
      throw {
        code: 'above_maximum',
        message: both(`Điểm tối đa của tiêu chí này là ${criterion.max.replace('.', ',')}.`)
      };
    return String(value);
  }

  /** Much simpler than the rules of the core: enough to see figures move. */
  function worth({ kind, max }, entered) {
    if (entered === null || kind === 'pass_fail' || kind === 'figure') return null;
    if (kind === 'count') return String(Math.min(2 * Number(entered), Number(max)));
    if (kind === 'two_level') return entered === '1' ? max : '0';
    if (kind.startsWith('deduct')) return String(-Math.min(Number(entered), Number(max)));
    return entered;
  }

  function write(sheet, { criterion: number, column, field, text }) {
    const criterion = criteria(sheet).find((c) => c.number === number);
    const cell = cellOf(criterion, column);
    if (field === 'note') {
      cell.note = text;
      cell.note_token = fresh();
    } else if (field === 'points') {
      cell.entered = points(text, criterion);
      cell.points = worth(criterion, cell.entered);
      cell.token = fresh();
      cell.written = who();
    } else {
      const { product, measure } = field.quantity;
      const quantity = criterion.lines
        .find((line) => line.product === product)
        .quantities.find((q) => q.column === column && q.measure === measure);
      quantity.value = points(text);
      quantity.token = fresh();
      const mine = criterion.lines.flatMap((line) => line.quantities.filter((q) => q.column === column));
      cell.points = mine.every((q) => q.value !== null) ? '8.5' : null;
    }
    sheet.summary.place = 'waiting';
  }

  function act(id, action, stage, actions, reason = '') {
    const sheet = find(id);
    sheet.summary.stage = stage;
    sheet.summary.place = 'waiting';
    sheet.acts.push({ action, by: who(), reason, outdated: false });
    sheet.actions = actions.map((name) => ({ action: name, blocked: null }));
    const editable = stage === 'draft' ? 'own' : 'none';
    for (const column of sheet.columns) column.editable = column.column === editable;
    return settle(sheet);
  }

  const syncLine = () => ({
    last_success: state.lastSuccess,
    waiting: state.sheets.filter((sheet) => sheet.summary.place !== 'received').length,
    evidence: 0,
    failure: state.failure,
    clock: state.clock
  });
  const mine = () => state.sheets.filter((sheet) => sheet.summary.mine).map((sheet) => sheet.summary);

  const commands = {
    me: () => state.me,
    async enrol({ code, device }) {
      if (/^[\d.]+ /.test(code)) {
        state.visit = state.visits.waits;
        await new Promise((done) => setTimeout(done, 60_000));
      }
      if (code.length < 4)
        return fail('code_unknown', 'Mã này không có hoặc đã dùng. Hãy xin mã mới ở đơn vị.');
      state.me = { ...state.enrolled, device };
      return state.me;
    },
    home: () => ({
      me: state.me,
      period: state.periods[0],
      sheets: mine().filter((sheet) => sheet.period.id === '2022-11'),
      to_review: state.sheets.filter((s) => s.summary.reviewing && s.summary.stage === 'submitted').length,
      conflicts: state.conflicts.filter((conflict) => conflict.may_settle).length,
      sync: syncLine()
    }),
    sheets: ({ period }) =>
      state.sheets.map((sheet) => sheet.summary).filter((line) => !period || line.period.id === period),
    sheet: ({ id }) => (find(id) ? settle(find(id)) : fail('not_found', 'Không có phiếu này trên máy.')),
    score({ request }) {
      const sheet = find(request.sheet);
      write(sheet, request);
      return settle(sheet);
    },
    submit: ({ id }) => act(id, 'submit', 'submitted', ['withdraw']),
    withdraw: ({ id }) => act(id, 'withdraw', 'draft', ['submit']),
    approve: ({ id }) => act(id, 'approve', 'approved', []),
    return_sheet: ({ id, reason }) => act(id, 'return', 'returned', [], reason),
    agree_all({ id }) {
      const sheet = find(id);
      for (const criterion of criteria(sheet)) {
        const [own, superior] = criterion.cells;
        superior.entered ??= own.entered;
        superior.points ??= own.points;
      }
      return settle(sheet);
    },
    conflicts: () => structuredClone(state.conflicts),
    resolve({ id, value }) {
      const conflict = state.conflicts.find((each) => each.id === id);
      if (!conflict) return fail('conflict_gone', 'Mục này đã được xem lại.');
      points(conflict.field === 'points' ? value : '', conflict);
      state.conflicts = state.conflicts.filter((each) => each.id !== id);
      return structuredClone(state.conflicts);
    },
    sync() {
      if (state.failure)
        return { ok: false, ...counts(), sentence: state.failure.message, failure: state.failure };
      for (const sheet of state.sheets) sheet.summary.place = 'received';
      state.lastSuccess = now();
      return {
        ok: true,
        ...counts(),
        sentence: both('Đã gửi 12 thay đổi, nhận về 3. Máy chủ đã nhận đủ.'),
        failure: null
      };
    },
    sync_status: () => ({
      summary: syncLine(),
      server: 'https://xeploai.phutho.example',
      items: state.sheets.map((sheet) => sheet.summary),
      rejected: state.rejected
    }),
    visit: () => state.visit,
    open_hub: () => (state.visit = state.visits.empty),
    close_hub: () => (state.visit = state.visits.closed),
    async join_hub({ invitation }) {
      if (!/^[\d.]+ /.test(invitation))
        return fail(
          'invitation_unreadable',
          'Mã kết nối không đúng dạng. Hãy quét lại, hoặc gõ đủ địa chỉ và 16 ký tự đang hiện trên máy kia.'
        );
      state.visit = state.visits.exchanging;
      await new Promise((done) => setTimeout(done, 2500));
      state.visit = state.visits.done;
      return { ok: true, ...counts(), sentence: state.visit.guest.sentence, failure: null };
    },
    candidates: () => state.candidates,
    enrol_newcomer: () => (state.visit = state.visits.empty),
    decline_newcomer: () => (state.visit = state.visits.empty),
    export_bundle: () => ({
      people: ['Lê Quang Bình'],
      sheets: 2,
      sent: 0,
      bytes: 4210,
      file: '/home/lua/Downloads/xeploai-TS-03-20221123-140500.xlb',
      sentence: both(
        'Đã ghi 2 phiếu vào tệp. Đọc được: máy chủ của Sở, Lê Quang Bình. Bản trên máy này vẫn được giữ đến khi máy chủ nhận.'
      )
    }),
    opened_bundle: () => null,
    import_bundle: () =>
      fail('not_a_bundle', 'Đây không phải tệp dữ liệu Xếp Loại (.xlb). Chưa nhận gì; hãy chọn đúng tệp.'),
    show_qr: () => state.codes,
    qr_part: ({ part }) => state.parts[part % state.parts.length],
    qr_texts: () =>
      fail(
        'qr_no_code',
        'Không tìm thấy mã QR nào. Chưa nhận gì; hãy chụp gần hơn, rõ hơn, đủ bốn góc của mã.'
      ),
    read_qr: () => ({ received: 4, needed: 9, taken: null, refused: null }),
    read_invitation: () => fail('qr_is_records', 'Đây là mã QR của phiếu, không phải mã kết nối.'),
    rankings: ({ period }) => state.rankings.filter((ranking) => ranking.period.id === (period ?? '2022-10')),
    periods: () => state.periods
  };
  const counts = () => ({ sent: 12, came: 3, waiting: 2, rejected: 0, conflicts: state.conflicts.length });

  window.isTauri = true;
  window.__CALLS__ = [];
  window.__TAURI_INTERNALS__ = {
    async invoke(command, args = {}) {
      window.__CALLS__.push([command, args]);
      await new Promise((done) => setTimeout(done, command === 'sync' ? 300 : 15));
      return structuredClone(await commands[command](args));
    }
  };
})();
