import { beforeEach, expect, inject, test } from 'vitest';
import { Meter } from '../../../lib/platform/meter.ts';
import { gcpEstate } from '../../../lib/run/assemble/gcp.ts';
import { resetGcp } from '../../counterparts/gcp.control.ts';
import { describeWithShared } from '../../shared.ts';

const url = inject('gcpUrl');

beforeEach(() => resetGcp(url));

test('an organisation leads to the projects that the identity sees', async () => {
  const estate = gcpEstate({ projects: 'organisation', endpoint: url });
  const { scopes, coverage } = await estate.plan(new Date('2026-11-22T12:00:00Z'), new Meter());
  expect(scopes.map(({ accountId }) => accountId)).toEqual(['ml-prod']);
  expect(coverage).toEqual([]);
});

test('a project that is named twice is looked at once', async () => {
  const estate = gcpEstate({ projects: ['ml-prod', 'other', 'ml-prod'], endpoint: url });
  const { scopes } = await estate.plan(new Date('2026-11-22T12:00:00Z'), new Meter());
  expect(scopes.map(({ accountId }) => accountId)).toEqual(['ml-prod', 'other']);
});

describeWithShared('the recorded billing account', () => {
  test('leads to the projects that it pays for, and to no project without billing', async () => {
    const estate = gcpEstate({ projects: 'linked', endpoint: url });
    const { scopes, coverage } = await estate.plan(new Date('2026-11-22T12:00:00Z'), new Meter());
    expect(scopes.map(({ accountId }) => accountId)).toEqual(['cloud-custodian', 'ml-prod']);
    expect(coverage).toEqual([]);
    expect(estate.permissions.map(({ action }) => action)).toContain('billing.resourceAssociations.list');
  });
});
