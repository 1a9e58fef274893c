import { CreateTagsCommand, DescribeTagsCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { tagsFix } from '../../lib/actions/aws-tags-fix.ts';
import { resetMoto } from '../counterparts/moto.ts';
import { ec2Refusal } from '../estate/aws/emulated.ts';
import { launch } from '../estate/aws/fleet.ts';
import { actSession, arn, awsTarget, losing, meddling, planned, readLive, refusal } from './aws.ts';

const moto = inject('motoUrl');
const session = actSession(moto);
const { ec2 } = session;
const { behind, closeAll } = meddling(moto);
const fix = tagsFix(['do-not-stop', 'gold']);

beforeEach(() => resetMoto(moto));
afterEach(closeAll);

async function tagged(tags: Record<string, string>, ...fixes: string[]) {
  const [one] = await launch(ec2, 't3.micro', 1, tags);
  const id = one?.id ?? '';
  const evidence = Object.fromEntries(fixes.map((text, index) => [`fix of ${index}`, text]));
  return { id, target: awsTarget('aws:ec2:instance', arn('ec2', `instance/${id}`), evidence) };
}

async function tagsOf(id: string): Promise<Record<string, string>> {
  const { Tags } = await ec2.send(
    new DescribeTagsCommand({ Filters: [{ Name: 'resource-id', Values: [id] }] }),
  );
  return Object.fromEntries((Tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
}

test('exact fixes are made, twice with the result of once, and taken back', async () => {
  const before = { 'Owner ': 'ana@example.com', Team: 'ml', team: 'ml', env: 'Prod', other: 'x' };
  const { id, target } = await tagged(
    before,
    'rename "Owner " to "owner" = "ana@example.com"',
    'remove "Team": "team" = "ml" says the same',
    'set "env" = "prod"',
  );
  const { plan, undoPlan, summary } = await planned(fix, target, session);
  expect(summary).toContain('env from "Prod" to "prod"');
  expect(await tagsOf(id)).toEqual(before);
  const lost = await behind(losing('CreateTags', 'DeleteTags'));
  const fragile = actSession(lost.url, 1);
  await expect(fix.apply(plan, fragile)).rejects.toMatchObject({ code: 'unavailable' });
  expect((await fix.verify(plan, session)).state).toBe('pending');
  await expect(fix.apply(plan, fragile)).rejects.toMatchObject({ code: 'unavailable' });
  await fix.apply(plan, fragile);
  expect(await tagsOf(id)).toEqual({ owner: 'ana@example.com', team: 'ml', env: 'prod', other: 'x' });
  expect(await fix.verify(plan, session)).toEqual({ state: 'done' });
  expect((await readLive(fix, target, session)).done).toBe(true);
  expect(await refusal(fix, target, session)).toContain('right already');
  await fix.undo(undoPlan, session);
  await fix.undo(undoPlan, session);
  expect(await tagsOf(id)).toEqual(before);
  expect(await fix.verifyUndo(undoPlan, session)).toEqual({ state: 'done' });
});

test.each([
  ['rename "Do-Not-Stop" to "x" = "1"', { 'Do-Not-Stop': '1' }],
  ['rename "x" to "do-not-stop" = "1"', { x: '1' }],
  ['rename "GOLD " to "gold" = "1"', { 'GOLD ': '1' }],
  ['set "Bursar:exempt-until" = "2030"', { 'Bursar:exempt-until': 'x' }],
  ['set "approved_by" = "me"', { approved_by: 'you' }],
  ['remove "Keep": "keep" = "1" says the same', { Keep: '1', keep: '1' }],
  ['set "aws:cloudformation:stack-name" = "x"', {}],
  ['set "ｅｘｅｍｐｔ" = "no"', { ｅｘｅｍｐｔ: 'yes' }],
])('%s is never done, planned or forged', async (text, tags) => {
  const { id, target } = await tagged(tags, text);
  expect(await refusal(fix, target, session)).toMatch(/not changed/);
  const keys = [...text.matchAll(/"([^"]*)"/g)].map((found) => found[1] ?? '');
  const forged = { id, keys: Object.fromEntries(keys.map((key) => [key, { before: null, after: 'x' }])) };
  await expect(fix.apply(forged, session)).rejects.toMatchObject({ code: 'conflict' });
  await expect(fix.undo(forged, session)).rejects.toMatchObject({ code: 'conflict' });
  expect(await tagsOf(id)).toEqual(tags);
});

test.each([
  ['', 'holds no exact fix'],
  ['delete everything', 'holds no exact fix'],
  ['set "env" = "prod" and more', 'holds no exact fix'],
  ['set "missing" = "prod"', 'no longer has the tag missing'],
  ['rename "Env" to "env" = "prod"', 'It has a tag env by now'],
  ['remove "Env": "env" = "prod" says the same', 'no longer say the same'],
])('%j is refused', async (text, reason) => {
  const { id, target } = await tagged({ Env: 'prod', env: 'dev' }, text);
  expect(await refusal(fix, target, session)).toContain(reason);
  expect(await tagsOf(id)).toEqual({ Env: 'prod', env: 'dev' });
});

test('what someone set meanwhile is left alone', async () => {
  const { id, target } = await tagged({ env: 'Prod' }, 'set "env" = "prod"');
  const { plan, undoPlan } = await planned(fix, target, session);
  await ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'env', Value: 'dev' }] }));
  await expect(fix.apply(plan, session)).rejects.toMatchObject({ code: 'conflict' });
  await expect(fix.undo(undoPlan, session)).rejects.toMatchObject({ code: 'conflict' });
  expect(await tagsOf(id)).toEqual({ env: 'dev' });
});

test('a machine that is gone, a thing that it cannot tag', async () => {
  const { id, target } = await tagged({ env: 'Prod' }, 'set "env" = "prod"');
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
  expect(await fix.read(target, session)).toBeNull();
  const image = { ...target, resourceId: arn('ec2', 'image/ami-1') };
  await expect(fix.read(image, session)).rejects.toMatchObject({ code: 'input' });
});

test('a deny of the tag role is told as one', async () => {
  const { id, target } = await tagged({ env: 'Prod' }, 'set "env" = "prod"');
  const { plan } = await planned(fix, target, session);
  const refusing = await behind(async ({ action }) =>
    action === 'CreateTags' ? ec2Refusal('UnauthorizedOperation', 'explicit deny', 403) : null,
  );
  await expect(fix.apply(plan, actSession(refusing.url, 1))).rejects.toMatchObject({ code: 'denied' });
  expect(await tagsOf(id)).toEqual({ env: 'Prod' });
});
