import {
  GetProvisionedModelThroughputResponse$,
  ListTagsForResourceResponse$,
} from '@aws-sdk/client-bedrock';
import { afterEach, expect, inject, test } from 'vitest';
import { bedrockProvisionedDelete as deletion } from '../../lib/actions/aws-bedrock-provisioned-delete.ts';
import { type Answer, jsonRefusal } from '../estate/aws/emulated.ts';
import { schemaFaults } from '../sdk-schema.ts';
import { actSession, arn, awsTarget, meddling, planned, readLive, refusal } from './aws.ts';
import { carriedOut, gate, notMissed } from './rights.ts';

const { behind, closeAll } = meddling(inject('motoUrl'));
afterEach(closeAll);

const ARN = arn('bedrock', 'provisioned-model/abcdefghijk1');
const target = awsTarget('aws:bedrock:provisioned-model-throughput', ARN);
const PATH = `/provisioned-model-throughput/${encodeURIComponent(ARN)}`;
const MODEL = 'arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-text-express-v1';
const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

function told(schema: unknown, value: unknown): Answer {
  expect(schemaFaults(schema, value)).toEqual([]);
  return { status: 200, type: 'application/json', body: JSON.stringify(value) };
}

const gone = (): Answer => jsonRefusal('ResourceNotFoundException', 'no such throughput', 404);

/** Bedrock with one throughput, which the emulator lacks; `now` can be changed while it stands. */
async function bedrock(more: object = {}, rights?: ReadonlySet<string>) {
  const now = {
    there: true,
    unit: {
      provisionedModelName: 'chat',
      provisionedModelArn: ARN,
      modelArn: MODEL,
      desiredModelArn: MODEL,
      foundationModelArn: MODEL,
      modelUnits: 2,
      desiredModelUnits: 2,
      status: 'InService',
      creationTime: '2026-03-01T00:00:00Z',
      lastModifiedTime: '2026-03-02T00:00:00Z',
      ...more,
    } as Record<string, unknown>,
    /** What a deletion is answered, instead of taking it. */
    refused: null as Answer | null,
    lost: false,
  };
  const server = await behind(async (request) => {
    const { path } = request;
    const denied = rights === undefined ? null : await gate(rights)(request);
    if (denied !== null) return denied;
    if (path === `GET ${PATH}`)
      return now.there ? told(GetProvisionedModelThroughputResponse$, now.unit) : gone();
    if (path === 'POST /listTagsForResource')
      return told(ListTagsForResourceResponse$, { tags: [{ key: 'team', value: 'llm' }] });
    if (path !== `DELETE ${PATH}`) return null;
    if (now.refused !== null) return now.refused;
    if (!now.there) return gone();
    now.there = false;
    deleted.push(path);
    return now.lost ? { status: 500, type: 'application/json', body: '' } : told([3, '', '', 0, [], []], {});
  });
  const deleted: string[] = [];
  return { now, deleted, session: actSession(server.url, 1) };
}

test('a throughput is deleted, once, and does not come back', async () => {
  const { now, deleted, session } = await bedrock();
  const live = await readLive(deletion, target, session);
  expect(live).toMatchObject({
    resource: {
      name: 'chat',
      state: 'InService',
      tags: { team: 'llm' },
      sku: 'amazon.titan-text-express-v1',
    },
    fingerprint: { launch: '2026-03-02T00:00:00.000Z', parent: null },
    done: false,
  });
  expect(deletion.reversible).toBe(false);
  const { plan, undoPlan, summary } = await planned(deletion, target, session);
  expect(summary).toContain('2 model units of amazon.titan-text-express-v1');
  expect((await deletion.verify(plan, session)).state).toBe('pending');
  // It has not gone: there is nothing to bring.
  await deletion.undo(undoPlan, session);
  expect(await deletion.verifyUndo(undoPlan, session)).toEqual({ state: 'done' });
  now.lost = true;
  await expect(deletion.apply(plan, session)).rejects.toMatchObject({ code: 'unavailable' });
  await deletion.apply(plan, session);
  expect(await deletion.verify(plan, session)).toEqual({ state: 'done' });
  expect(await deletion.read(target, session)).toBeNull();
  expect(deleted).toHaveLength(1);
  await expect(deletion.undo(undoPlan, session)).rejects.toMatchObject({ code: 'conflict' });
  expect((await deletion.verifyUndo(undoPlan, session)).state).toBe('failed');
});

test('one that is committed is not deleted before its term is over', async () => {
  const until = { commitmentDuration: 'OneMonth', commitmentExpirationTime: day(3) };
  const { session } = await bedrock(until);
  expect(await refusal(deletion, target, session)).toContain(`committed until ${day(3).slice(0, 10)}`);
  const over = await bedrock({ commitmentDuration: 'OneMonth', commitmentExpirationTime: day(-1) });
  expect((await planned(deletion, target, over.session)).summary).toContain('Delete');
  const endless = await bedrock({ commitmentDuration: 'SixMonths' });
  expect(await refusal(deletion, target, endless.session)).toContain('a date that Bedrock does not tell');
});

test('one that was changed or committed since it was judged is left alone', async () => {
  const { now, deleted, session } = await bedrock();
  const { plan } = await planned(deletion, target, session);
  const before = { ...now.unit };
  for (const change of [
    { lastModifiedTime: '2026-11-01T00:00:00Z' },
    { status: 'Updating' },
    { commitmentDuration: 'OneMonth', commitmentExpirationTime: day(20) },
  ]) {
    now.unit = { ...before, ...change };
    await expect(deletion.apply(plan, session)).rejects.toMatchObject({ code: 'conflict' });
  }
  expect(deleted).toEqual([]);
});

test.each(['Creating', 'Updating', 'Failed'])('one that is %s is refused', async (status) => {
  const { session } = await bedrock({ status });
  expect(await refusal(deletion, target, session)).toContain(`It is ${status}`);
});

test.each([
  ['AccessDeniedException', 403, 'denied'],
  ['ThrottlingException', 429, 'throttled'],
  ['ConflictException', 400, 'unavailable'],
  ['ValidationException', 400, 'conflict'],
])('a deletion that is answered %s is not done', async (code, status, expected) => {
  const { now, session } = await bedrock();
  const { plan } = await planned(deletion, target, session);
  now.refused = jsonRefusal(code, 'no', status);
  await expect(deletion.apply(plan, session)).rejects.toMatchObject({ code: expected });
  expect((await deletion.verify(plan, session)).state).toBe('pending');
});

test('only a throughput of this account and region is read, and what cannot be read is not gone', async () => {
  const { session } = await bedrock();
  for (const id of [arn('bedrock', 'custom-model/x'), ARN.replace('us-east-1', 'eu-west-1')])
    await expect(deletion.read({ ...target, resourceId: id }, session)).rejects.toMatchObject({
      code: 'input',
    });
  const closed = await behind(async () => jsonRefusal('AccessDeniedException', 'no', 403));
  await expect(deletion.read(target, actSession(closed.url, 1))).rejects.toMatchObject({ code: 'denied' });
});

test('it does its job with the rights that it declares, and misses each that is taken away', async () => {
  const spare = await notMissed(deletion, async (rights) => {
    const { session } = await bedrock({}, rights);
    await carriedOut(deletion, target, session);
  });
  expect(spare).toEqual([]);
});
