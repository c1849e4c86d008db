import { render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it, vi } from 'vitest';
import type { EvidenceView, SheetView } from '$lib/api/types';
import Attachments from '$lib/sheet/Attachments.svelte';
import { evidenceOf } from '$lib/sheet/answer';
import { OpenSheet } from '$lib/sheet/open.svelte';
import { cell, criterion } from './criterion';

const invoke = vi.hoisted(() => vi.fn());
vi.mock('@tauri-apps/api/core', () => ({ invoke, isTauri: () => true }));

const piece = (of: Partial<EvidenceView> = {}): EvidenceView => ({
  slot: 0,
  name: 'lễ hội.jpg',
  media: 'image/jpeg',
  size: 400_000,
  content: 'c0',
  here: true,
  thumbnail: 't0',
  place: 'waiting',
  written: {
    author: 'Nguyễn Thị A',
    code: 'a',
    position: { vi: '', en: '' },
    device: 'máy',
    at: 0,
    clock_wrong: false,
    received: null,
    place: 'waiting'
  },
  removable: true,
  ...of
});

const shown = (evidence: EvidenceView[], editable = true) => {
  const sheet = new OpenSheet('s1');
  const of = criterion('points', [cell('own', { evidence })]);
  render(Attachments, { sheet, criterion: of, column: 'own', editable });
};

beforeEach(() => {
  invoke.mockReset();
  invoke.mockImplementation((command: string) =>
    Promise.resolve(
      command === 'evidence' ? new Uint8Array([1, 2, 3]).buffer : ({ groups: [] } as unknown as SheetView)
    )
  );
});

it('says of each piece where it is, and of one that has not come that it has not', () => {
  shown([
    piece(),
    piece({ slot: 1, content: 'c1', place: 'carried' }),
    piece({ slot: 2, content: 'c2', place: 'received' }),
    piece({ slot: 3, content: 'c3', place: 'empty', here: false })
  ]);
  const said = screen
    .getAllByTestId('evidence-piece')
    .map((one) => one.textContent.replace(/\s+/g, ' ').trim());
  expect(said.map((text) => text.replace('lễ hội.jpg', '').trim())).toEqual([
    'Chưa gửi',
    'Đã mang đi',
    'Đã nhận',
    'Bản đầy đủ chưa về máy này'
  ]);
});

it('hands a file with its name to the shell, whatever letters are in it', async () => {
  shown([]);
  const file = new File([new Uint8Array([9, 8, 7])], 'Lễ hội.jpg', { type: 'image/jpeg' });
  // What browsers have and this one lacks.
  file.arrayBuffer = () => Promise.resolve(new Uint8Array([9, 8, 7]).buffer);
  await userEvent.upload(screen.getByTestId('attach-1-own'), file);
  await waitFor(() => expect(invoke).toHaveBeenCalledWith('attach', expect.anything(), expect.anything()));
  const [, body, options] = invoke.mock.calls.find(([command]) => command === 'attach') ?? [];
  expect([...body]).toEqual([9, 8, 7]);
  const header: string = options.headers['x-request'];
  expect(header).toMatch(/^[\x20-\x7e]*$/);
  expect(JSON.parse(header)).toEqual({ sheet: 's1', criterion: 1, column: 'own', name: 'Lễ hội.jpg' });
});

it('asks twice before it takes a piece away, and names the very piece', async () => {
  shown([piece(), piece({ slot: 0, content: 'c9', name: 'b.jpg' })]);
  await userEvent.click(screen.getByRole('button', { name: /b\.jpg/ }));
  const remove = await screen.findByTestId('evidence-remove');
  await userEvent.click(remove);
  expect(invoke).not.toHaveBeenCalledWith('detach', expect.anything(), undefined);
  await userEvent.click(screen.getByTestId('evidence-remove'));
  const request = { sheet: 's1', criterion: 1, column: 'own', slot: 0, content: 'c9' };
  await waitFor(() => expect(invoke).toHaveBeenCalledWith('detach', { request }, undefined));
});

it('shows who may not write what there is, and nothing to add', () => {
  shown([piece({ removable: false })], false);
  expect(screen.queryByTestId('attach-1-own')).toBeNull();
  expect(screen.getAllByTestId('evidence-piece')).toHaveLength(1);
});

it('lets a file be the evidence that a criterion asks for', () => {
  const needs = (evidence: EvidenceView[]) =>
    criterion('bonus', [cell('own', { evidence })], { evidence: true });
  expect([evidenceOf(needs([])), evidenceOf(needs([piece()]))]).toEqual(['missing', 'there']);
});
