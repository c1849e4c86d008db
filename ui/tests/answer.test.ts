import { describe, expect, it } from 'vitest';
import { cellText, evidenceOf, isAnswered, isWanted, maxText } from '$lib/sheet/answer';
import { changeOf, differs, reasonMissing } from '$lib/sheet/review';
import { cell, criterion } from './criterion';

const words = (...of: Parameters<typeof criterion>) => {
  const made = criterion(...of);
  return { ...cellText(made, made.cells[0]), max: maxText(made) };
};

describe('what stands in a cell', () => {
  it('shows points with the decimals of their step', () => {
    const own = cell('own', { points: '9', entered: '9' });
    expect(words('points', [own])).toEqual({ main: '9,0', small: '', max: '/10' });
  });
  it('shows what times and days come to, and what they come from', () => {
    const times = cell('own', { points: '-2.5', entered: '2' });
    expect(words('deduct', [times])).toEqual({ main: '−2,5', small: '2 lần', max: '' });
    expect(words('deduct_late', [times]).small).toBe('2 ngày');
    expect(words('count', [cell('own', { points: '6', entered: '3' })])).toEqual({
      main: '6',
      small: '3 lần',
      max: '/10'
    });
  });
  it('says yes and no in words, never as 1 and 0', () => {
    expect(words('pass_fail', [cell('own', { entered: '0' })]).main).toBe('Không');
    expect(words('pass_fail', [cell('own', { entered: '1' })]).main).toBe('Có');
    expect(words('two_level', [cell('own', { entered: '0', points: '0' })])).toMatchObject({
      main: '0',
      small: 'Không đạt'
    });
  });
  it('puts the unit behind a figure', () => {
    const unit = { vi: '%', en: '%' };
    expect(words('figure', [cell('own', { entered: '95.5' })], { unit }).main).toBe('95,5 %');
  });
  it('says what was entered where it does not count', () => {
    expect(words('banded', [cell('own', { entered: '8' })])).toMatchObject({
      main: '—',
      small: 'Đã ghi 8,0, chưa tính'
    });
  });
});

describe('what is answered', () => {
  it('takes no for an answer, and nothing for none', () => {
    expect(isAnswered(criterion('pass_fail', [cell('own', { entered: '0' })]), 'own')).toBe(true);
    expect(isAnswered(criterion('pass_fail', [cell('own')]), 'own')).toBe(false);
  });
  it('does not take what does not count', () => {
    expect(isAnswered(criterion('banded', [cell('own', { entered: '8' })]), 'own')).toBe(false);
  });
  it('asks only for what is required, of a column that may answer it', () => {
    const wanted = (of: object, takes = true) =>
      isWanted(criterion('points', [cell('own', { takes })], of), 'own');
    expect(wanted({})).toBe(true);
    expect(wanted({ required: false })).toBe(false);
    expect(wanted({}, false)).toBe(false);
  });
  it('finds evidence in a note of any column', () => {
    const bonus = (note: string) =>
      criterion('bonus', [cell('own', { entered: '4', points: '4' }), cell('superior', { note })], {
        evidence: true
      });
    expect(evidenceOf(bonus(' '))).toBe('missing');
    expect(isAnswered(bonus(''), 'own')).toBe(false);
    expect(evidenceOf(bonus('QĐ 12/QĐ-SVH'))).toBe('there');
    expect(isAnswered(bonus('QĐ 12/QĐ-SVH'), 'own')).toBe(true);
    expect(evidenceOf(criterion('bonus', [cell('own')]))).toBe('none');
  });
});

describe("a reviewer's answer beside the subject's own", () => {
  const both = (own: object, superior: object) =>
    criterion('count', [cell('own', own), cell('superior', superior)]);
  it('differs by what was entered, even where a cap makes the points equal', () => {
    const capped = both({ entered: '5', points: '10' }, { entered: '6', points: '10' });
    expect(differs(capped)).toBe(true);
    expect(reasonMissing(capped, 'superior')).toBe(true);
    expect(changeOf(capped, 'superior')).toBe('5 lần → 6 lần');
  });
  it('needs no reason where it agrees, is not there, or says why', () => {
    const own = { entered: '2', points: '4' };
    expect(reasonMissing(both(own, { entered: '2.0', points: '4' }), 'superior')).toBe(false);
    expect(reasonMissing(both(own, {}), 'superior')).toBe(false);
    expect(reasonMissing(both(own, { entered: '1', points: '2', note: 'Một bài trùng' }), 'superior')).toBe(
      false
    );
  });
  it('says by how much points changed', () => {
    const of = (mine: string) =>
      changeOf(
        criterion('points', [
          cell('own', { entered: '9', points: '9' }),
          cell('superior', { entered: mine, points: mine })
        ]),
        'superior'
      );
    expect(of('7.5')).toBe('−1,5');
    expect(of('9.1')).toBe('+0,1');
  });
});
