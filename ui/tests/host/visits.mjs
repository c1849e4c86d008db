/** Made-up visits: a hub with those who came to it, and a guest at one. */
const both = (vi, en = vi) => ({ vi, en });
const SIZE = 37;

/** Whether a module is dark in what looks like a QR code and holds nothing. */
function dark(x, y) {
  const corners = [
    [3, 3],
    [SIZE - 4, 3],
    [3, SIZE - 4]
  ];
  for (const [cx, cy] of corners) {
    const ring = Math.max(Math.abs(x - cx), Math.abs(y - cy));
    if (ring <= 4) return ring === 3 || ring <= 1;
  }
  return ((x * 73 + y * 151 + x * y * 31) * 2654435761) % 97 < 47;
}

function qr() {
  const cells = Array.from({ length: SIZE * SIZE }, (_, at) => [at % SIZE, Math.floor(at / SIZE)]);
  const path = cells.filter(([x, y]) => dark(x, y)).map(([x, y]) => `M${x} ${y}h1v1h-1z`);
  return { size: SIZE, path: path.join('') };
}

const link = (name, device, code, state, handed, total, more = {}) => ({
  name,
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
const came = link('Trần Thị Gấm', 'Máy tính TS-PC-2', '730254', 'done', 24, 24, {
  sentence: both('Đã nhận đủ 24 thay đổi; đã trao 3.', 'All 24 changes taken; 3 given.')
});
const stranger = link('', 'Điện thoại', '118203', 'failed', 4, 10, {
  failure: {
    code: 'link_broken',
    message: both('Mất kết nối khi máy kia mới trao 4 trong 10 thay đổi.', 'The link broke off.')
  }
});
const atHub = (state, handed, more) =>
  link('Phùng Thị Mơ', 'Máy SO-02', '482916', state, handed, 18, { unit: 'Sở VHTTDL Phú Thọ', ...more });

const hub = (open, links, sentence) => ({
  open,
  invitation: 'XEPLOAI1:192.168.43.1:K7QP3MXNABCDEFGH',
  qr: qr(),
  typed: ['192.168.43.1 K7QP-3MXN-ABCD-EFGH', '10.0.0.12 K7QP-3MXN-ABCD-EFGH'],
  closes_at: Date.parse('2022-11-23T14:50:00+07:00') / 1000,
  links,
  sentence
});

export const visits = {
  none: { hub: null, guest: null },
  hub: {
    hub: hub(
      true,
      [coming, came],
      both('Đã nhận 36 thay đổi từ 2 máy; 1 máy đang trao.', '36 changes so far.')
    ),
    guest: null
  },
  empty: { hub: hub(true, [], both('Chưa nhận thay đổi nào.', 'No change yet.')), guest: null },
  closed: {
    hub: hub(
      false,
      [{ ...coming, ...came, name: coming.name, device: coming.device, code: coming.code }, came, stranger],
      both('Đã nhận 46 thay đổi từ 3 máy; 1 máy còn 6 thay đổi chưa trao.', '46 changes from 3 devices.')
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
          'Mất kết nối khi đã trao 7 trong 18 thay đổi. Dữ liệu vẫn lưu trên máy này; hãy lại gần nhau rồi thử lại.',
          'The link broke off after 7 of 18 changes. Your data is safe on this device; move closer and try again.'
        )
      }
    })
  },
  done: {
    hub: null,
    guest: atHub('done', 18, {
      sentence: both(
        'Đã trao 18 thay đổi cho Phùng Thị Mơ, nhận về 2. Máy chủ sẽ nhận khi máy ấy có mạng.',
        '18 changes handed over, 2 came.'
      )
    })
  }
};
