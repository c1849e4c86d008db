/** Made-up visits: a hub with those who came to it, and a guest at one. */
const both = (vi, en = vi) => ({ vi, en });
const SIZE = 37;

/** Whether a module is dark in what looks like a QR code and holds nothing. */
function dark(x, y, part) {
  const corners = [
    [3, 3],
    [SIZE - 4, 3],
    [3, SIZE - 4]
  ];
  for (const [cx, cy] of corners) {
    const ring = Math.max(Math.abs(x - cx), Math.abs(y - cy));
    if (ring <= 4) return ring === 3 || ring <= 1;
  }
  return ((x * 73 + y * 151 + x * y * 31 + part) * 2654435761) % 97 < 47;
}

function qr(part = 0) {
  const cells = Array.from({ length: SIZE * SIZE }, (_, at) => [at % SIZE, Math.floor(at / SIZE)]);
  const path = cells.filter(([x, y]) => dark(x, y, part)).map(([x, y]) => `M${x} ${y}h1v1h-1z`);
  return { size: SIZE, path: path.join('') };
}

let number = 0;
const link = (name, device, code, state, handed, total, more = {}) => ({
  number: ++number,
  name,
  known: !!name,
  unit: name && 'Trung tâm VHTTDL&TT huyện Tân Sơn',
  device,
  code,
  state,
  handed,
  total,
  sentence: null,
  failure: null,
  ...more
});
const coming = link('Hà Thị Lụa', 'Điện thoại TS-03', '482916', 'exchanging', 12, 18);
const newcomer = link('Nguyễn Văn Bách', 'Điện thoại anh Bách', '305718', 'asking', 0, 0, {
  known: false,
  unit: ''
});
const came = link('Trần Thị Gấm', 'Máy tính TS-PC-2', '730254', 'done', 24, 24, {
  sentence: both('Nhận 2 phiếu của 1 người.', 'Received sheets: 2, from people: 1.')
});
const stranger = link('', 'Điện thoại', '118203', 'failed', 4, 10, {
  failure: {
    code: 'link_broken',
    message: both(
      'Mất kết nối giữa hai máy. Những gì đã nhận vẫn còn, những gì chưa trao vẫn ở máy cũ; hãy kết nối lại.',
      'The link broke off.'
    )
  }
});
const atHub = (state, handed, more) =>
  link('Phùng Thị Mơ', 'Máy SO-02', '482916', state, handed, 18, {
    known: false,
    unit: 'Sở VHTTDL Phú Thọ',
    ...more
  });

const hub = (open, links, sentence) => ({
  open,
  invitation: 'XEPLOAI:HUB/47474/K7QP3MXNABCDEFGH/192.168.43.1/10.0.0.12',
  qr: qr(),
  typed: ['192.168.43.1 K7QP-3MXN-ABCD-EFGH', '10.0.0.12 K7QP-3MXN-ABCD-EFGH'],
  closes_at: Date.parse('2022-11-23T14:50:00+07:00') / 1000,
  links,
  sentence
});

export const visits = {
  none: { hub: null, guest: null },
  hub: {
    hub: hub(true, [coming, came], both('Nhận 3 phiếu của 2 người.', 'Received sheets: 3, from people: 2.')),
    guest: null
  },
  newcomer: { hub: hub(true, [newcomer, came], both('Nhận 2 phiếu của 1 người.')), guest: null },
  waits: { hub: null, guest: link('Phùng Thị Mơ', 'Máy SO-02', '305718', 'asking', 0, 0, { known: false }) },
  empty: { hub: hub(true, [], both('Chưa nhận phiếu nào.', 'No sheet yet.')), guest: null },
  closed: {
    hub: hub(
      false,
      [{ ...coming, ...came, name: coming.name, device: coming.device, code: coming.code }, came, stranger],
      both(
        'Nhận 14 phiếu của 3 người; 1 mục cần xem lại.',
        'Received sheets: 14, from people: 3; to settle: 1.'
      )
    ),
    guest: null
  },
  exchanging: { hub: null, guest: atHub('exchanging', 7) },
  failed: {
    hub: null,
    guest: atHub('failed', 7, {
      failure: {
        code: 'link_broken',
        message: both(
          'Mất kết nối giữa hai máy. Những gì đã nhận vẫn còn, những gì chưa trao vẫn ở máy cũ; hãy kết nối lại.',
          'The two devices lost each other. What was received stays, what was not waits where it was; connect again.'
        )
      }
    })
  },
  done: {
    hub: null,
    guest: atHub('done', 18, {
      sentence: both(
        'Xong: đã trao 5 phiếu; máy này nhận 2 thay đổi. Bản trên máy này vẫn được giữ đến khi máy chủ nhận.',
        'Done: handed over sheets: 5; this device has received changes: 2.'
      )
    })
  }
};

export const candidates = [
  ['NV-0412', 'Nguyễn Văn Bách', 1],
  ['NV-0417', 'Hà Thị Lụa', 0]
].map(([code, name, devices], at) => ({
  id: String(at),
  code,
  name,
  unit: 'Trung tâm VHTTDL&TT huyện Tân Sơn',
  devices
}));

/** The parts of a series of codes, by turns. */
export const parts = [0, 1, 2].map(qr);
export const codes = {
  needed: 9,
  sheets: 1,
  bytes: 3100,
  sentence: both(
    'Loạt mã QR (cần đọc khoảng 9 phần bất kỳ) có 1 phiếu. Ai nhìn thấy màn hình đều đọc được. Bản trên máy này vẫn được giữ đến khi máy chủ nhận.',
    'Sheets in a series of QR codes, any 9 or so of which are enough: 1. Whoever sees the screen can read them.'
  )
};
