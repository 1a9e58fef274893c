import { CreateLogGroupCommand, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { expect, inject, test } from 'vitest';
import { findingId } from '../../lib/ledger/finding.ts';
import { record } from '../../lib/ledger/record.ts';
import { savingKey } from '../../lib/run/sweep/savings.ts';
import { actSession, arn } from '../actions/aws.ts';
import { ec2Refusal, OWN, session } from '../estate/aws/emulated.ts';
import { judgement } from '../ledger/fixtures.ts';
import { care } from './care.ts';

const moto = inject('motoUrl');
const DAY = 24;

test('a warning that reaches nobody goes to the next owner, whose silence stops it; what others delete is over', async () => {
  const c = await care({}, { accounts: { [OWN]: 'other@example.com' } });
  const machine = await c.machine(4, { owner: 'ghost@example.com' });
  await c.audit();
  await c.act();
  expect((await c.record(machine.finding)).finding.state).toBe('UNDELIVERED');
  c.pass(0.3);
  await c.act();
  const { finding, life } = await c.record(machine.finding);
  expect(finding.dueAt).toBe(
    new Date(Date.parse(life?.notice?.deliveredAt ?? '') + DAY * 3_600_000).toISOString(),
  );
  expect(life?.notice?.recipient.person).toEqual(c.other);
  expect((await c.posted()).some((text) => text.includes('nobody who was asked answers for it'))).toBe(true);
  c.pass(DAY);
  await c.act();
  expect(await machine.state()).toBe('stopped');
  await session(moto).ec2.send(new TerminateInstancesCommand({ InstanceIds: [machine.id] }));
  c.pass(5);
  await c.audit();
  expect(await c.states(machine.finding)).toEqual([
    'DETECTED',
    'NOTIFY_PENDING',
    'UNDELIVERED',
    'ESCALATED',
    'NOTIFY_PENDING',
    'WARNED',
    'STOPPING',
    'STOPPED',
    'RESOLVED',
  ]);
  const saving = (await c.ledger.getDoc(savingKey(machine.finding)))?.value;
  expect(saving).toMatchObject({ stops: [{ until: c.now().toISOString() }] });
});

test('kept for a day: judged again when that is over, and warned of anew with a new grace', async () => {
  const c = await care();
  const machine = await c.machine(4);
  await c.audit();
  await c.act();
  const first = (await c.record(machine.finding)).life?.notice?.id;
  await c.press(machine.finding, 'keep', c.owner, '1');
  expect((await c.record(machine.finding)).finding).toMatchObject({ state: 'SNOOZED', dueAt: null });
  c.pass(DAY + 1);
  await c.act();
  await c.audit();
  await c.act();
  const { finding, life } = await c.record(machine.finding);
  expect(life?.notice?.id).not.toBe(first);
  expect(Date.parse(finding.dueAt ?? '') - c.now().getTime()).toBe(DAY * 3_600_000);
  expect(await c.states(machine.finding)).toEqual([
    'DETECTED',
    'NOTIFY_PENDING',
    'WARNED',
    'SNOOZED',
    'NOTIFY_PENDING',
    'WARNED',
  ]);
  expect(await machine.state()).toBe('running');
  expect(c.proxyCalls).not.toContain('StopInstances');
});

test('an exemption that was granted ends with a warning, never with a stop; one that is refused leaves the date', async () => {
  const c = await care();
  const machine = await c.machine(8);
  const ask = async () => {
    await c.press(machine.finding, 'exempt', c.owner);
    const until = new Date(c.now().getTime() + 5 * DAY * 3_600_000).toISOString().slice(0, 10);
    const values = {
      reason: { value: { type: 'plain_text_input', value: 'a demo next week' } },
      until: { value: { type: 'datepicker', selected_date: until } },
      scope: { value: { type: 'static_select', selected_option: { value: 'resource' } } },
    };
    await c.submit('exempt', values, c.owner);
  };
  await c.audit();
  await c.act();
  await ask();
  expect((await c.record(machine.finding)).finding).toMatchObject({
    state: 'EXEMPTION_REQUESTED',
    dueAt: null,
  });
  await c.press(machine.finding, 'approve', c.approver);
  expect((await c.record(machine.finding)).finding.state).toBe('EXEMPT');
  c.pass(6 * DAY);
  await c.act();
  await c.audit();
  await c.act();
  expect((await c.record(machine.finding)).finding.state).toBe('WARNED');
  await ask();
  c.pass(2);
  await c.press(machine.finding, 'refuse', c.approver);
  const { finding } = await c.record(machine.finding);
  expect(finding.state).toBe('WARNED');
  // The grace rested while the request was open.
  expect(Date.parse(finding.dueAt ?? '') - c.now().getTime()).toBe(DAY * 3_600_000);
  expect(await c.states(machine.finding)).toEqual([
    'DETECTED',
    'NOTIFY_PENDING',
    'WARNED',
    'EXEMPTION_REQUESTED',
    'EXEMPT',
    'NOTIFY_PENDING',
    'WARNED',
    'EXEMPTION_REQUESTED',
    'WARNED',
  ]);
  expect(c.proxyCalls).not.toContain('StopInstances');
});

test('what its owner disowns is offered in the channel; silence there stops nothing, a claim starts a new grace', async () => {
  const c = await care();
  const machine = await c.machine(7);
  await c.audit();
  await c.act();
  await c.press(machine.finding, 'disown', c.owner);
  await c.submit('disown', {}, c.owner);
  expect((await c.record(machine.finding)).finding.state).toBe('DISOWNED');
  c.pass(0.3);
  await c.act();
  expect((await c.record(machine.finding)).finding).toMatchObject({ state: 'WARNED', dueAt: null });
  c.pass(4 * DAY);
  await c.act();
  expect(await machine.state()).toBe('running');
  await c.press(machine.finding, 'claim', c.other);
  await c.act();
  expect((await c.record(machine.finding)).life?.notice?.recipient.person).toEqual(c.other);
  c.pass(DAY);
  await c.act();
  expect(await machine.state()).toBe('stopped');
  expect(await c.states(machine.finding)).toEqual([
    'DETECTED',
    'NOTIFY_PENDING',
    'WARNED',
    'DISOWNED',
    'ESCALATED',
    'NOTIFY_PENDING',
    'WARNED',
    'NOTIFY_PENDING',
    'WARNED',
    'STOPPING',
    'STOPPED',
  ]);
});

test('the cap of the day and the kill switch hold a stop back, and it follows when they let go', async () => {
  const c = await care({ caps: { organisation: { count: 1, money: {} }, account: null } });
  const machines = [await c.machine(5), await c.machine(5)];
  const running = async () => {
    const states = await Promise.all(machines.map((each) => each.state()));
    return states.filter((state) => state === 'running').length;
  };
  await c.audit();
  await c.act();
  c.pass(DAY);
  await c.act();
  expect(await running()).toBe(1);
  const states = await Promise.all(
    machines.map(async ({ finding }) => ({ finding, state: (await c.record(finding)).finding.state })),
  );
  expect(states.map(({ state }) => state).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
    'BLOCKED',
    'STOPPED',
  ]);
  const waits = states.find(({ state }) => state === 'BLOCKED')?.finding ?? '';
  await c.command('pause', c.owner);
  await c.command('pause', c.approver);
  c.pass(DAY);
  await c.act();
  expect(await running()).toBe(1);
  expect((await c.record(waits)).life?.blocked).toContain('everything is paused');
  await c.command('resume', c.owner);
  c.pass(0.3);
  await c.act();
  expect(await running()).toBe(1);
  await c.command('resume', c.approver);
  c.pass(0.3);
  await c.act();
  expect(await running()).toBe(0);
  expect((await c.states(waits)).slice(-4)).toEqual(['WARNED', 'BLOCKED', 'STOPPING', 'STOPPED']);
});

test('a stop that fails is tried again, and given up where it is refused: the channel hears of it', async () => {
  const c = await care();
  const [slow, denied] = [await c.machine(4), await c.machine(4)];
  await c.audit();
  await c.act();
  c.pass(DAY);
  c.meddle(({ action, body }) => {
    if (action !== 'StopInstances') return null;
    return body.includes(denied.id)
      ? ec2Refusal('UnauthorizedOperation', 'You are not authorized to perform this operation.', 403)
      : ec2Refusal('InternalError', 'An internal error has occurred', 500);
  });
  await c.act();
  expect((await c.record(slow.finding)).finding.state).toBe('STOPPING');
  expect((await c.record(denied.finding)).finding.state).toBe('STOP_FAILED');
  c.pass(1.1);
  await c.act();
  expect((await c.record(slow.finding)).finding.state).toBe('STOP_FAILED');
  expect((await c.record(denied.finding)).finding.state).toBe('ESCALATED');
  expect((await c.posted()).some((text) => text.includes('stopping failed 3 times'))).toBe(true);
  c.meddle(null);
  c.pass(0.3);
  await c.act();
  expect([await slow.state(), await denied.state()]).toEqual(['stopped', 'running']);
  expect((await c.states(slow.finding)).slice(-4)).toEqual([
    'STOPPING',
    'STOP_FAILED',
    'STOPPING',
    'STOPPED',
  ]);
  expect((await c.states(denied.finding)).slice(-3)).toEqual(['STOPPING', 'STOP_FAILED', 'ESCALATED']);
});

test('what does not come back is told loudly and asked for again; after fourteen days it is waste like any other', async () => {
  const c = await care();
  const machine = await c.machine(20);
  await c.audit();
  await c.act();
  await c.press(machine.finding, 'stop', c.owner);
  await c.act();
  expect(await machine.state()).toBe('stopped');
  c.meddle(({ action }) =>
    action === 'StartInstances'
      ? ec2Refusal('InsufficientInstanceCapacity', 'Insufficient capacity.', 500)
      : null,
  );
  await c.press(machine.finding, 'undo', c.owner);
  await c.act();
  expect((await c.record(machine.finding)).finding.state).toBe('STARTING');
  c.pass(0.6);
  await c.act();
  expect((await c.record(machine.finding)).finding.state).toBe('RESTORE_FAILED');
  expect((await c.posted()).some((text) => text.includes('could not be brought back'))).toBe(true);
  c.meddle(null);
  await c.press(machine.finding, 'undo', c.owner);
  await c.act();
  expect(await machine.state()).toBe('running');
  c.pass(10 * DAY);
  await c.audit();
  expect((await c.record(machine.finding)).finding.state).toBe('RESTORED');
  c.pass(5 * DAY);
  await c.audit();
  expect((await c.states(machine.finding)).slice(-10)).toEqual([
    'STOPPING',
    'STOPPED',
    'UNDO_REQUESTED',
    'STARTING',
    'RESTORE_FAILED',
    'UNDO_REQUESTED',
    'STARTING',
    'RESTORED',
    'DETECTED',
    'NOTIFY_PENDING',
  ]);
});

test('what cannot be undone needs a second person: refused, unanswered for a week, and approved', async () => {
  const c = await care();
  const { logs } = actSession(moto);
  const [name, check] = ['/app/orders', 'logs-kept-for-ever'];
  await logs.send(new CreateLogGroupCommand({ logGroupName: name, tags: { owner: 'owner@example.com' } }));
  const kept = async () =>
    (await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name }))).logGroups?.[0]
      ?.retentionInDays;
  const resourceId = arn('logs', `log-group:${name}`);
  const id = findingId(check, 'aws', resourceId);
  const now = c.now().toISOString();
  const found = judgement({
    check,
    accountId: OWN,
    resourceType: 'aws:logs:log-group',
    resourceId,
    resourceName: name,
    owner: { id: 'owner@example.com', source: 'tag owner', confidence: 'high' },
    verdict: 'NONCOMPLIANT',
    evidence: [{ name: 'retention days', value: '30', unit: 'days', window: '', source: 'policy' }],
    scopes: [],
  });
  await record(
    c.ledger,
    { runId: 'found', now, judgements: [found], coverage: [], checksRun: [check] },
    {
      termsOf: () => ({
        policy: { mode: 'stop', rule: 'policy 1', grace: '24h' },
        actionable: true,
        recipient: { kind: 'owner', id: 'owner@example.com', person: null, source: 'tag owner' },
        hold: null,
      }),
    },
  );
  await c.act();
  expect((await c.record(id)).finding).toMatchObject({ state: 'WARNED', dueAt: null });
  c.pass(3 * DAY);
  await c.act();
  expect(await kept()).toBeUndefined();
  const wanted = async () => {
    await c.press(id, 'stop', c.owner);
    expect((await c.record(id)).finding.state).toBe('APPROVAL_REQUESTED');
    await c.act();
    expect(await kept()).toBeUndefined();
  };
  await wanted();
  await c.press(id, 'refuse', c.approver);
  await wanted();
  c.pass(7 * DAY + 1);
  await c.act();
  expect((await c.record(id)).finding.state).toBe('WARNED');
  await wanted();
  await c.press(id, 'approve', c.approver);
  await c.act();
  expect(await kept()).toBe(30);
  expect(await c.states(id)).toEqual([
    'DETECTED',
    'NOTIFY_PENDING',
    'WARNED',
    'APPROVAL_REQUESTED',
    'WARNED',
    'APPROVAL_REQUESTED',
    'WARNED',
    'APPROVAL_REQUESTED',
    'STOPPING',
    'STOPPED',
  ]);
});
