import { expect, test } from 'vitest';
import { parseConfig } from '../../../lib/config/load.ts';
import { digestChannel, digestNamed, digestsOf } from '../../../lib/run/assemble/digests.ts';

const config = parseConfig(
  JSON.stringify({
    schemaVersion: 1,
    owners: { teams: { search: '#search-costs' } },
    digest: {
      period: 'week',
      schedule: 'Mon 09:00',
      also: {
        board: { for: 'executive', period: 'month', schedule: 'Mon 10:00', channel: '#board' },
        own: { for: 'search', period: 'day', schedule: 'Tue 09:00' },
      },
    },
  }),
  'bursar.yaml',
);

test('the main digest first, each with its audience, period, schedule and channel', () => {
  expect(digestsOf(config).map(({ audience, period, channel }) => [audience, period, channel])).toEqual([
    [{ kind: 'everyone' }, 'week', undefined],
    [{ kind: 'executive' }, 'month', '#board'],
    [{ kind: 'team', team: 'search' }, 'day', undefined],
  ]);
  expect(digestNamed(config, 'own').schedule).toBe('Tue 09:00');
  for (const id of ['', 'gone', '__proto__', 'constructor'])
    expect(() => digestNamed(config, id)).toThrow(/there is no digest/);
});

const team = (name: string) => ({ kind: 'team', team: name }) as const;

test("a team's digest goes to its own channel or where it is told to, never to everybody's", () => {
  expect(digestChannel(config, { kind: 'everyone' }, undefined)).toBeUndefined();
  expect(digestChannel(config, { kind: 'executive' }, '#board')).toBe('#board');
  expect(digestChannel(config, team('search'), undefined)).toBe('#search-costs');
  expect(digestChannel(config, team('search'), '#other')).toBe('#other');
  for (const name of ['research', 'Search', '__proto__', 'constructor', ''])
    expect(() => digestChannel(config, team(name), undefined)).toThrow(/has no channel/);
});
