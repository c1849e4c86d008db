import type { HubView, LinkView, VisitView } from '$lib/api/types';

export const said = (vi: string) => ({ vi, en: vi });

export const link = (of: Partial<LinkView> = {}): LinkView => ({
  number: 1,
  name: 'Hà Thị Lụa',
  known: true,
  unit: 'Trung tâm huyện Tân Sơn',
  device: 'Điện thoại TS-03',
  code: '482916',
  state: 'exchanging',
  handed: 12,
  total: 18,
  sentence: null,
  failure: null,
  ...of
});

export const hub = (of: Partial<HubView> = {}): HubView => ({
  open: true,
  invitation: 'x',
  qr: { size: 21, path: 'M0 0h7v1h-7z' },
  typed: ['192.168.43.1 K7QP-3MXN-ABCD-EFGH', '10.0.0.12 K7QP-3MXN-ABCD-EFGH'],
  closes_at: 1_669_189_800,
  links: [],
  sentence: said('Chưa nhận thay đổi nào.'),
  ...of
});

export const view = (of: Partial<VisitView> = {}): VisitView => ({ hub: null, guest: null, ...of });
