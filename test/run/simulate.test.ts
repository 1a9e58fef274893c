import { expect, it } from 'vitest';
import { ec2Stop } from '../../lib/actions/aws-ec2-stop.ts';
import { simulate } from '../../lib/run/simulate.ts';
import { world } from './sweep/world.ts';

it('says who is warned when and what stops when, with the cap of a day, and writes nothing', async () => {
  const made = world(['i-1', 'i-2', 'i-3']);
  Object.assign(made.machines.get('i-3')?.tags ?? {}, { owner: 'nobody' });
  await made.audit();
  const { settings, calendars } = made.parts({
    settings: { caps: { organisation: { count: 1, money: {} }, account: null } },
  });
  const before = made.ledger.trail().length;
  const tags = (id: string) => made.machines.get(id.slice(id.lastIndexOf('/') + 1))?.tags ?? {};
  const foreseen = await simulate(
    { records: made.ledger.all(), tagsOf: tags, settings, actions: [ec2Stop], calendars },
    4,
    made.now(),
  );
  const of = (what: string) => foreseen.filter((each) => each.what === what);
  expect(of('warn').map(({ to, at }) => `${to} ${at}`)).toEqual([
    'ana@acme.example 2026-11-16T09:00:00.000Z',
    'ana@acme.example 2026-11-16T09:00:00.000Z',
  ]);
  expect(of('offer').map(({ to, resourceName }) => `${to} ${resourceName}`)).toEqual(['#finops i-3']);
  expect(of('never').map(({ resourceName }) => resourceName)).toEqual(['i-3']);
  expect(of('stop').map(({ at }) => at)).toEqual(['2026-11-17T09:00:00.000Z', '2026-11-18T00:00:00.000Z']);
  expect(of('held back').map(({ why }) => why)).toEqual([
    'the cap of the day is reached: 1 stops for the organisation',
  ]);
  expect(made.ledger.trail()).toHaveLength(before);
});

it('stops nothing under a policy that only warns', async () => {
  const made = world(['i-1']);
  await made.audit();
  const { settings, calendars } = made.parts();
  const terms = { ...settings.terms, policies: [{ check: '*', mode: 'warn' as const }] };
  const foreseen = await simulate(
    {
      records: made.ledger.all(),
      tagsOf: () => ({}),
      settings: { ...settings, terms },
      actions: [ec2Stop],
      calendars,
    },
    30,
    made.now(),
  );
  expect(foreseen.map(({ what }) => what)).toEqual(['warn', 'never']);
});
