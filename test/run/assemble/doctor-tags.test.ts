import { expect, test } from 'vitest';
import { inactiveKeys } from '../../../lib/run/assemble/doctor-tags.ts';
import { machine, NOW } from '../../checks/facts.ts';

const payer = machine({
  type: 'aws:ce:cost-allocation-tags',
  accelerators: [],
  attributes: { active: ['team'], inactive: ['owner'] },
});
const told = (untagged: unknown, resources = [payer]) =>
  inactiveKeys(
    {
      schemaVersion: 2,
      scope: { provider: 'aws', accountId: '111122223333', region: 'global' },
      takenAt: NOW.toISOString(),
      resources,
      telemetry: [],
      vectorIndexes: [],
      coverage: [],
    },
    untagged,
  );

test('keys that the config names and no bill can show are told with what to do', () => {
  expect(told({ required: ['team', 'owner', 'env'] })).toEqual([
    {
      what: 'cost allocation tags',
      state: 'fails',
      told: 'no bill of aws:111122223333:global shows "owner" (inactive), "env" (not listed)',
      todo: expect.stringContaining('Activate them'),
    },
  ]);
  expect(told({ defaultRequired: ['team'] })).toMatchObject([{ state: 'works' }]);
});

test('where no payer was asked, nothing is told', () => {
  expect(told({ required: ['owner'] }, [machine()])).toEqual([]);
});
