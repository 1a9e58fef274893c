import { describe, expect, it } from 'vitest';
import { nowOf } from '../../lib/cli/io.ts';

const at = (now: string) => nowOf({ now, state: '', format: 'text' }).toISOString();

describe('--now', () => {
  it.each([
    ['2026-11-16', '2026-11-16T00:00:00.000Z'],
    ['2026-11-16T08:00Z', '2026-11-16T08:00:00.000Z'],
    ['2026-11-16T08:00:01.5Z', '2026-11-16T08:00:01.500Z'],
    ['2026-11-16T08:00:00+05:30', '2026-11-16T02:30:00.000Z'],
    ['2028-02-29', '2028-02-29T00:00:00.000Z'],
  ])('%s is %s', (text, iso) => {
    expect(at(text)).toBe(iso);
  });

  it.each([
    '',
    'now',
    '2026-11-16T08:00:00',
    '16.11.2026',
    '2026-13-01',
    '2026-02-30',
    '2027-02-29T00:00Z',
    '2026-11-16T25:00Z',
    '2026-11-16T08:00Z; rm',
  ])('%j is refused', (text) => {
    expect(() => at(text)).toThrow(/is not a time/);
  });
});
