import {
  DeleteRetentionPolicyCommand,
  DescribeLogGroupsCommand,
  ListTagsForResourceCommand,
  type LogGroup,
  PutRetentionPolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { z } from 'zod';
import { RETENTION_DAYS, RETENTION_EVIDENCE } from '../checks/logs-kept-for-ever.ts';
import { BursarError } from '../platform/errors.ts';
import { type AwsActSession, act, placeName } from './aws-session.ts';
import type { Action } from './model.ts';
import { changes, reads } from './permission.ts';
import { named, planOf } from './target.ts';

const ID = 'aws.logs.retention';
const GROUPS = 'arn:*:logs:*:*:log-group:*';
const days = z.int().positive();
/** `before` null: kept for ever. */
const planShape = z.strictObject({
  name: z.string(),
  created: z.int(),
  before: days.nullable(),
  after: days,
});

/**
 * Shortens how long a log group keeps its events, to the days that the evidence names. Not reversible: undo sets
 * what was set before, and the events that were deleted meanwhile do not come back. It never lengthens.
 */
export const logsRetention: Action<AwsActSession> = {
  id: ID,
  provider: 'aws',
  resourceTypes: ['aws:logs:log-group'],
  checks: ['logs-kept-for-ever'],
  reversible: false,
  permissions: [
    reads('logs:DescribeLogGroups', 'reads a log group just before its retention is shortened'),
    reads('logs:ListTagsForResource', 'reads the tags of a log group', { resources: GROUPS, byTag: true }),
    changes('logs:PutRetentionPolicy', GROUPS, 'shortens how long logs are kept'),
    changes('logs:DeleteRetentionPolicy', GROUPS, 'keeps logs for ever again, where they were before'),
  ],

  async read(target, session) {
    const name = groupName(named(target, session, 'logs', 'log-group:'));
    const group = await describe(session, name);
    if (group === null) return null;
    const arn = `arn:${session.partition}:logs:${session.region}:${session.accountId}:log-group:${name}`;
    const { tags } = await act(session, 'logs:ListTagsForResource', () =>
      session.logs.send(new ListTagsForResourceCommand({ resourceArn: arn })),
    );
    const created = group.creationTime ?? null;
    const wanted = wantedDays(target.evidence);
    const before = group.retentionInDays ?? null;
    return {
      resource: {
        provider: 'aws',
        accountId: session.accountId,
        region: session.region,
        type: 'aws:logs:log-group',
        id: target.resourceId,
        name,
        state: 'active',
        created: created === null ? null : new Date(created).toISOString(),
        tags: tags ?? {},
        sku: group.logGroupClass ?? null,
        accelerators: [],
        parent: null,
        attributes: { created, retentionDays: before, storedBytes: group.storedBytes ?? null },
      },
      fingerprint: { launch: null, parent: null },
      done: wanted !== null && before !== null && before <= wanted,
      protection: group.deletionProtectionEnabled === true ? 'deletion protection is on' : null,
      lost: [`Every event older than ${wanted ?? 'the new number of'} days, for good.`],
      staysBilled: ['What is newer'],
      risks: ['Audits and investigations may need old logs: nothing brings them back.'],
    };
  },

  plan(target, { resource, done, protection }) {
    const wanted = wantedDays(target.evidence);
    if (protection !== null) return { ok: false, reason: `It is protected: ${protection}.` };
    if (wanted === null)
      return {
        ok: false,
        reason: `The evidence names no number of days that CloudWatch Logs takes (${RETENTION_EVIDENCE}).`,
      };
    if (done) return { ok: false, reason: `It keeps no more than ${wanted} days already.` };
    if (resource.sku === 'DELIVERY')
      return { ok: false, reason: 'Its class DELIVERY has a fixed retention.' };
    const read = planShape.safeParse({
      name: resource.name,
      created: resource.attributes['created'],
      before: resource.attributes['retentionDays'],
      after: wanted,
    });
    if (!read.success) return { ok: false, reason: 'CloudWatch Logs did not describe it whole.' };
    const { name, before } = read.data;
    return {
      ok: true,
      plan: read.data,
      undoPlan: read.data,
      summary: `Keep ${name} for ${wanted} days instead of ${before === null ? 'for ever' : `${before}`}; deleted events do not come back.`,
    };
  },

  async apply(stored, session) {
    const { name, created, before, after } = planOf(planShape, stored, ID);
    const now = (await mustExist(session, name, created)).retentionInDays ?? null;
    if (now !== null && now <= after) return;
    if (now !== before) throw changed(session, name, now);
    await keep(session, name, after);
  },

  async verify(stored, session) {
    const { name, created, after } = planOf(planShape, stored, ID);
    const group = await describe(session, name);
    if (group === null || group.creationTime !== created)
      return { state: 'failed', reason: `${name} was deleted meanwhile.` };
    const now = group.retentionInDays ?? null;
    return now !== null && now <= after
      ? { state: 'done' }
      : { state: 'pending', reason: `${name} keeps ${now === null ? 'for ever' : `${now} days`}.` };
  },

  async undo(stored, session) {
    const { name, created, before, after } = planOf(planShape, stored, ID);
    const now = (await mustExist(session, name, created)).retentionInDays ?? null;
    if (now === before) return;
    if (now !== after) throw changed(session, name, now);
    await keep(session, name, before);
  },

  async verifyUndo(stored, session) {
    const { name, created, before } = planOf(planShape, stored, ID);
    const group = await describe(session, name);
    if (group === null || group.creationTime !== created)
      return { state: 'failed', reason: `${name} was deleted meanwhile.` };
    return (group.retentionInDays ?? null) === before
      ? { state: 'done', note: 'Events that were deleted meanwhile do not come back.' }
      : { state: 'pending', reason: `${name} keeps ${group.retentionInDays ?? 'all'} days.` };
  },
};

function wantedDays(evidence: Readonly<Record<string, string>>): number | null {
  const text = evidence[RETENTION_EVIDENCE] ?? '';
  const value = /^[1-9]\d{0,3}$/.test(text) ? Number(text) : null;
  return value !== null && RETENTION_DAYS.has(value) ? value : null;
}

/** ARNs of log groups come with and without `:*` at their end (CloudWatch Logs API Reference, LogGroup). */
function groupName(part: string): string {
  return part.endsWith(':*') ? part.slice(0, -2) : part;
}

async function describe(session: AwsActSession, name: string): Promise<LogGroup | null> {
  const seen = new Set<string>();
  let token: string | undefined;
  do {
    const page = await act(session, 'logs:DescribeLogGroups', () =>
      session.logs.send(
        new DescribeLogGroupsCommand({
          logGroupNamePrefix: name,
          ...(token === undefined ? {} : { nextToken: token }),
        }),
      ),
    );
    const found = page.logGroups?.find(({ logGroupName }) => logGroupName === name);
    if (found !== undefined) return found;
    token = page.nextToken === '' ? undefined : page.nextToken;
    if (token !== undefined && seen.has(token))
      throw new BursarError('unavailable', 'logs:DescribeLogGroups gave the same page twice', {
        where: placeName(session),
      });
    if (token !== undefined) seen.add(token);
  } while (token !== undefined);
  return null;
}

async function mustExist(session: AwsActSession, name: string, created: number): Promise<LogGroup> {
  const group = await describe(session, name);
  if (group !== null && group.creationTime === created) return group;
  throw new BursarError('conflict', `the log group ${name} is gone`, {
    where: placeName(session),
    hint: 'It was deleted by someone else.',
  });
}

async function keep(session: AwsActSession, logGroupName: string, retention: number | null): Promise<void> {
  if (retention === null)
    await act(session, 'logs:DeleteRetentionPolicy', () =>
      session.logs.send(new DeleteRetentionPolicyCommand({ logGroupName })),
    );
  else
    await act(session, 'logs:PutRetentionPolicy', () =>
      session.logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: retention })),
    );
}

function changed(session: AwsActSession, name: string, now: number | null): BursarError {
  return new BursarError(
    'conflict',
    `someone set ${name} to keep ${now === null ? 'all' : `${now} days`} meanwhile`,
    {
      where: placeName(session),
      hint: 'Nothing was done: what they want is left as it is.',
    },
  );
}
