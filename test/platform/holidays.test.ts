import { describe, expect, it } from 'vitest';
import { publicHolidays } from '../../lib/platform/holidays.ts';

describe('public holidays', () => {
  it('of a country, and of a region with its own', () => {
    const germany = publicHolidays('DE', [2026]);
    // Bundesfeiertage 2026: New Year, Good Friday, Easter Monday, Labour Day, Ascension, Whit Monday, Unity, Christmas.
    expect([...germany].toSorted()).toEqual([
      '2026-01-01',
      '2026-04-03',
      '2026-04-06',
      '2026-05-01',
      '2026-05-14',
      '2026-05-25',
      '2026-10-03',
      '2026-12-25',
      '2026-12-26',
    ]);
    const bavaria = publicHolidays('DE-BY', [2026]);
    expect([...bavaria].filter((date) => !germany.has(date))).toEqual([
      '2026-01-06',
      '2026-06-04',
      '2026-11-01',
    ]);
  });

  it('of several years, with the day off for a holiday that falls on a weekend', () => {
    const states = publicHolidays('US', [2026, 2027]);
    expect(states.has('2026-07-03')).toBe(true);
    expect(states.has('2027-01-01')).toBe(true);
    expect(states.has('2026-02-14')).toBe(false);
  });

  it.each(['ZZ', 'DE-ZZ', '', 'germany'])('refuses %j, saying where it is written', (code) => {
    expect(() => publicHolidays(code, [2026])).toThrow(
      expect.objectContaining({ code: 'config', where: 'organisation.holidays' }),
    );
  });
});
