import {
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  PutRetentionPolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { logsRetention } from '../../lib/actions/aws-logs-retention.ts';
import { RETENTION_EVIDENCE } from '../../lib/checks/logs-kept-for-ever.ts';
import { resetMoto } from '../counterparts/moto.ts';
import { jsonRefusal } from '../estate/aws/emulated.ts';
import { actSession, arn, awsTarget, losing, meddling, planned, readLive, refusal } from './aws.ts';

const moto = inject('motoUrl');
const session = actSession(moto);
const { behind, closeAll } = meddling(moto);

beforeEach(() => resetMoto(moto));
afterEach(closeAll);

const set = (retentionInDays: number) =>
  session.logs.send(new PutRetentionPolicyCommand({ logGroupName: '/app/api', retentionInDays }));

async function group(days = '30', before: number | null = null) {
  await session.logs.send(new CreateLogGroupCommand({ logGroupName: '/app/api-2', tags: {} }));
  await session.logs.send(new CreateLogGroupCommand({ logGroupName: '/app/api', tags: { team: 'web' } }));
  if (before !== null) await set(before);
  return awsTarget('aws:logs:log-group', arn('logs', 'log-group:/app/api:*'), { [RETENTION_EVIDENCE]: days });
}

async function kept(): Promise<number | null> {
  const { logGroups } = await session.logs.send(
    new DescribeLogGroupsCommand({ logGroupNamePrefix: '/app/api' }),
  );
  return logGroups?.find(({ logGroupName }) => logGroupName === '/app/api')?.retentionInDays ?? null;
}

test.each([[null], [365]])('retention of %s days is shortened, and set back', async (before) => {
  const target = await group('30', before);
  expect((await readLive(logsRetention, target, session)).resource.tags).toEqual({ team: 'web' });
  const { plan, undoPlan } = await planned(logsRetention, target, session);
  const lost = await behind(losing('PutRetentionPolicy'));
  const fragile = actSession(lost.url, 1);
  await expect(logsRetention.apply(plan, fragile)).rejects.toMatchObject({ code: 'unavailable' });
  await logsRetention.apply(plan, fragile);
  expect(lost.calls.filter((call) => call === 'PutRetentionPolicy')).toHaveLength(1);
  expect(await kept()).toBe(30);
  expect(await logsRetention.verify(plan, session)).toEqual({ state: 'done' });
  expect(await refusal(logsRetention, target, session)).toContain('no more than 30 days already');
  await logsRetention.undo(undoPlan, session);
  await logsRetention.undo(undoPlan, session);
  expect(await kept()).toBe(before);
  expect((await logsRetention.verifyUndo(undoPlan, session)).state).toBe('done');
});

test('it is not reversible, says so, and never lengthens', async () => {
  expect(logsRetention.reversible).toBe(false);
  const target = await group('30', 7);
  expect((await readLive(logsRetention, target, session)).done).toBe(true);
  expect(await refusal(logsRetention, target, session)).toContain('already');
  expect(await kept()).toBe(7);
});

test.each(['', '0', '31', '-30', '30.0', '1e1', '99999', 'thirty'])(
  '%j is no number of days to keep',
  async (days) => {
    expect(await refusal(logsRetention, await group(days), session)).toContain('names no number of days');
  },
);

test('what someone set meanwhile is left alone; gone is gone', async () => {
  const target = await group();
  const { plan, undoPlan } = await planned(logsRetention, target, session);
  await set(400);
  await expect(logsRetention.apply(plan, session)).rejects.toMatchObject({ code: 'conflict' });
  await expect(logsRetention.undo(undoPlan, session)).rejects.toMatchObject({ code: 'conflict' });
  expect(await kept()).toBe(400);
  await session.logs.send(new DeleteLogGroupCommand({ logGroupName: '/app/api' }));
  expect(await logsRetention.read(target, session)).toBeNull();
  await expect(logsRetention.apply(plan, session)).rejects.toMatchObject({ code: 'conflict' });
  expect((await logsRetention.verify(plan, session)).state).toBe('failed');
  expect((await logsRetention.verifyUndo(undoPlan, session)).state).toBe('failed');
});

test.each([
  ['AccessDeniedException', 400, 'denied'],
  ['ThrottlingException', 400, 'throttled'],
  ['OperationAbortedException', 400, 'unavailable'],
  ['InvalidParameterException', 400, 'conflict'],
])('%s is told as %s %s', async (code, status, kind) => {
  const { plan } = await planned(logsRetention, await group(), session);
  const refusing = await behind(async ({ action }) =>
    action === 'PutRetentionPolicy' ? jsonRefusal(code, 'no', status) : null,
  );
  await expect(logsRetention.apply(plan, actSession(refusing.url, 1))).rejects.toMatchObject({ code: kind });
  expect(await kept()).toBeNull();
});
