import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { BursarError } from '../../lib/platform/errors.ts';
import { jsonLog, type LogSettings } from '../../lib/platform/log.ts';

const NOW = new Date('2026-11-23T01:00:00Z');
const Line = z.looseObject({ level: z.enum(['info', 'error']), time: z.iso.datetime(), message: z.string() });

function logged(settings: LogSettings, write: (log: ReturnType<typeof jsonLog>) => void): string[] {
  const lines: string[] = [];
  write(
    jsonLog(
      (line) => void lines.push(line),
      () => NOW,
      settings,
    ),
  );
  return lines;
}

/** Of the kinds that a config names, none of which a form alone gives away. */
const secret = fc.stringMatching(/^[A-Za-z0-9/+=%@:.~ "\\-]{8,40}$/);
const words = fc.string({ unit: 'binary', maxLength: 200 });

test('whatever is logged: one JSON object a line, and never a secret that was read', () => {
  fc.assert(
    fc.property(secret, words, words, fc.boolean(), (held, before, after, thrown) => {
      // Without the words themselves being the secret, by chance.
      fc.pre(!before.includes(held) && !after.includes(held) && !'(hidden)'.includes(held));
      const told = `${before}${held}${after}`;
      const lines = logged({ secrets: () => [held, held.slice(0, 5)] }, (log) => {
        if (thrown) log.error(told, new Error(told), { deep: { list: [told], text: told } });
        else log.info(told, { deep: { list: [told], text: told } });
        log.error(told, new BursarError('denied', told, { where: told, hint: told, cause: new Error(told) }));
      });
      expect(lines).toHaveLength(2);
      for (const line of lines) {
        expect(line).not.toMatch(/[\n\r]/);
        const texts = leaves(Line.parse(JSON.parse(line)));
        expect(texts.filter((text) => text.includes(held))).toEqual([]);
      }
    }),
  );
});

function leaves(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [];
}

test.each([
  ['a token of Slack', 'refused xoxb-1234-abcdefgh here'],
  ['a webhook', 'POST https://hooks.slack.com/services/T0/B0/abcdef'],
  ['the password of an address', 'connect postgres://bursar:hunter22@db.internal/docs'],
  ['a key in an address', 'GET https://api.example.com/v1?api_key=abcdef'],
  ['an access key', 'AKIAIOSFODNN7EXAMPLE'],
])('%s is hidden though nobody has read it as a secret', (_what, told) => {
  const [line = ''] = logged({}, (log) => log.error('failed', new Error(told)));
  expect(line).toContain('(hidden)');
  for (const kept of ['abcdefgh', 'T0/B0', 'hunter22', 'api_key=abcdef', 'AKIA'])
    expect(line).not.toContain(kept);
});

test('a line stays below what CloudWatch Logs keeps whole, and says what is left out', () => {
  const gaps = Array.from({ length: 8500 }, (_, at) => ({ scope: `aws:${at}`, reason: 'x'.repeat(9000) }));
  const [line = ''] = logged({}, (log) => log.info('audited', { gaps, sum: 12n }));
  expect(line.length).toBeLessThan(1_000_000);
  const { gaps: kept, sum } = z
    .looseObject({ gaps: z.array(z.unknown()), sum: z.string() })
    .parse(JSON.parse(line));
  expect(kept).toHaveLength(51);
  expect(kept[50]).toBe('8450 more');
  expect(kept[0]).toEqual({ scope: 'aws:0', reason: `${'x'.repeat(4000)} ... 5000 characters more` });
  expect(sum).toBe('12');
});

test('a person is told what to do, a defect comes with its stack, and each line has what joins it', () => {
  let invocation = 0;
  const lines = logged(
    { base: { entry: 'sweep' }, each: () => ({ trace: `1-${(invocation += 1)}` }) },
    (log) => {
      log.error('swept failed', new BursarError('denied', 'no right', { where: 'aws', hint: 'Grant it.' }));
      log.error('swept failed', new TypeError('undefined is not a function'));
    },
  );
  const [first, second] = lines.map((line): unknown => JSON.parse(line));
  expect(first).toEqual({
    level: 'error',
    time: NOW.toISOString(),
    message: 'swept failed',
    entry: 'sweep',
    trace: '1-1',
    error: { code: 'denied', message: 'no right', where: 'aws', hint: 'Grant it.' },
  });
  expect(second).toMatchObject({
    trace: '1-2',
    error: { name: 'TypeError', stack: expect.stringContaining('log.test.ts') },
  });
});
