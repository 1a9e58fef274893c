import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../lib/config/duration.ts';
import { levenshtein, nearest } from '../../lib/config/nearest.ts';
import { quietHours, scheduleExpression } from '../../lib/config/schedule.ts';

describe('parseDuration', () => {
  it.each([
    ['15m', { minutes: 15 }],
    ['168h', { minutes: 168 * 60 }],
    ['30d', { minutes: 30 * 1440 }],
    ['1w', { minutes: 7 * 1440 }],
    ['2 weeks', { minutes: 14 * 1440 }],
    ['1 day', { minutes: 1440 }],
    ['2 business days', { businessDays: 2 }],
    ['1 business day', { businessDays: 1 }],
  ])('reads %s', (text, duration) => {
    expect(parseDuration(text)).toEqual(duration);
  });
  it.each([
    '',
    '0h',
    '-1h',
    '1.5h',
    '1hs',
    'h',
    '1 fortnight',
    '1  day',
    '1 business days ago',
    '1e3h',
    '10000000h',
  ])('refuses %j', (text) => {
    expect(() => parseDuration(text)).toThrow(RangeError);
  });
});

describe('scheduleExpression', () => {
  it.each([
    ['Mon 09:00', 'cron(0 9 ? * MON *)'],
    ['Sunday 23:59', 'cron(59 23 ? * SUN *)'],
    ['06:05', 'cron(5 6 * * ? *)'],
    ['rate(1 day)', 'rate(1 day)'],
    ['rate(1 days)', 'rate(1 day)'],
    ['rate(15 minute)', 'rate(15 minutes)'],
    ['cron(0 9 ? * MON-FRI *)', 'cron(0 9 ? * MON-FRI *)'],
    ['cron(0/15 8-18 1,15 * ? 2026)', 'cron(0/15 8-18 1,15 * ? 2026)'],
    ['cron(0 10 ? * 6L 2026-2030)', 'cron(0 10 ? * 6L 2026-2030)'],
    ['cron(0 8 L * ? *)', 'cron(0 8 L * ? *)'],
    ['cron(0 8 ? JAN 2#1 *)', 'cron(0 8 ? JAN 2#1 *)'],
  ])('makes of %s %s', (text, expression) => {
    expect(scheduleExpression(text)).toBe(expression);
  });
  it.each([
    '',
    'Mon',
    'Mon 9:00',
    'Mon 24:00',
    'Mon 09:60',
    'Moo 09:00',
    'Monthly 09:00',
    'Tueday 09:00',
    'rate(0 days)',
    'rate(1 week)',
    'rate(-1 day)',
    'cron(0 9 * * MON *)',
    'cron(0 9 ? * ? *)',
    'cron(0 9 * * *)',
    'cron(60 9 * * ? *)',
    'cron(0 24 * * ? *)',
    'cron(0 9 0 * ? *)',
    'cron(0 9 ? * 8 *)',
    'cron(0 9 ? 13 MON *)',
    'cron(0/0 9 * * ? *)',
    'cron(0 9 * * ? 1969)',
    'cron(0 9 * * ? *) ',
    'cron(? 9 * * ? *)',
    'cron(0 9 1-2-3 * ? *)',
    'cron(0 9 L-3 * ? *)',
    'cron(0 9 L/2 * ? *)',
    'cron(0 9 32W * ? *)',
    'cron(0 9 ? * 2#1-3 *)',
    'cron(0/90 9 * * ? *)',
  ])('refuses %j', (text) => {
    expect(() => scheduleExpression(text)).toThrow(RangeError);
  });
});

describe('quietHours', () => {
  it('reads hours that run over midnight', () => {
    expect(quietHours('18:00-08:30')).toEqual({ from: 1080, to: 510 });
  });
  it.each(['18:00', '18-8', '24:00-08:00', '18:60-08:00', '08:00-08:00', ''])('refuses %j', (text) => {
    expect(() => quietHours(text)).toThrow(RangeError);
  });
});

describe('nearest', () => {
  it('finds the name that was meant', () => {
    expect(nearest('idleGPU', ['untagged', 'idle-gpu'])).toBe('idle-gpu');
    expect(nearest('chanels', ['channels', 'admins'])).toBe('channels');
    expect(nearest('colour', ['engine'])).toBeNull();
    expect(nearest('x', [])).toBeNull();
  });

  it('counts as a distance does', () => {
    const word = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(levenshtein(a, b)).toBe(levenshtein(b, a));
        expect(levenshtein(a, b) === 0).toBe(a === b);
        expect(levenshtein(a, c)).toBeLessThanOrEqual(levenshtein(a, b) + levenshtein(b, c));
        expect(levenshtein(a, `${a}${b}`)).toBe(Array.from(b).length);
      }),
    );
  });
});
