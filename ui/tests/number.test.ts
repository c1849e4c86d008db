import { describe, expect, it } from 'vitest';
import { daysUntil, initials, period, points, score } from '$lib/shared/format';
import { canonical, parseTyped, stepped, typed } from '$lib/shared/number';

describe('numbers as people write and read them', () => {
  it('takes a comma and a point', () => {
    expect(parseTyped('8,5')).toBe(85_000);
    expect(parseTyped(' 8.5 ')).toBe(85_000);
    expect(parseTyped('8,')).toBe(80_000);
  });
  it('does not guess at what is no plain number', () => {
    for (const text of ['', '-1', '8,5,1', 'tám', '1e3', '1.00001']) expect(parseTyped(text)).toBeNull();
  });
  it('goes back and forth without a binary fraction', () => {
    for (const text of ['0', '0.1', '8.5', '14.25', '99.9999']) {
      expect(canonical(parseTyped(text) ?? NaN)).toBe(text);
    }
  });
  it('steps from what is typed to the grid, inside 0 and the maximum', () => {
    expect(stepped('', '0.5', '10', 1)).toBe('0.5');
    expect(stepped('8,3', '0.5', '10', 1)).toBe('8.5');
    expect(stepped('8,3', '0.5', '10', -1)).toBe('8');
    expect(stepped('10', '0.5', '10', 1)).toBe('10');
    expect(stepped('0', '0.5', '10', -1)).toBe('0');
    expect(stepped('0,3', '0.1', '10', -1)).toBe('0.2');
  });
  it('shows a decimal comma', () => {
    expect(points('8.5')).toBe('8,5');
    expect(score('86')).toBe('86,0');
    expect(typed('8.5', ',')).toBe('8,5');
    expect(typed(null, ',')).toBe('');
  });
});

describe('periods, days and names', () => {
  it('names months and quarters', () => {
    expect(period('2022-11')).toBe('Tháng 11/2022');
    expect(period('2026-Q4')).toBe('Quý IV/2026');
  });
  it('counts days in Vietnam, not in the zone of the machine', () => {
    // 23:30 on the 24th in Hà Nội is still the 24th, half past four in the afternoon in London.
    expect(daysUntil('2022-11-25', Date.parse('2022-11-24T23:30:00+07:00'))).toBe(1);
    expect(daysUntil('2022-11-25', Date.parse('2022-11-25T00:30:00+07:00'))).toBe(0);
    expect(daysUntil('2022-11-25', Date.parse('2022-11-27T08:00:00+07:00'))).toBe(-2);
  });
  it('takes the initials of family and given name', () => {
    expect(initials('Hà Thị Lụa')).toBe('HL');
    expect(initials('Đinh Văn Cọ')).toBe('ĐC');
    expect(initials('Lụa')).toBe('L');
  });
});
