import { CreateTagsCommand, DeleteTagsCommand, DescribeTagsCommand } from '@aws-sdk/client-ec2';
import { z } from 'zod';
import { instanceResource } from '../estate/aws/instances.ts';
import { partTags } from '../estate/aws/tags.ts';
import type { Resource } from '../estate/model.ts';
import { BursarError } from '../platform/errors.ts';
import { describeInstance } from './aws-ec2-instance.ts';
import { type AwsActSession, act, placeName } from './aws-session.ts';
import type { Action } from './model.ts';
import { changes, reads } from './permission.ts';
import { changed, fixesOf, forbidden } from './tag-change.ts';
import { localPart, planOf } from './target.ts';

const ID = 'aws.tags.fix';
const RESOURCES = ['arn:*:ec2:*:*:instance/*', 'arn:*:ec2:*:*:volume/*'];
const value = z.string().nullable();
/** Each key with what it has before and after; null: it is not there. */
const planShape = z.strictObject({
  id: z.string(),
  keys: z.record(z.string(), z.strictObject({ before: value, after: value })),
});
type Plan = z.output<typeof planShape>;

/**
 * Carries out the exact fixes of tags that the evidence holds, and nothing that it could guess. Its role may
 * write tags and nothing else, and is switched on by itself.
 *
 * Never: a key that protects, approves or exempts, whether written or removed (IAM denies these by `aws:TagKeys`,
 * and the code refuses them before); a key of AWS; a fix that no longer matches what the resource carries.
 * @param protectedTags keys that the config protects by (`guards.protectedTags`).
 */
export function tagsFix(protectedTags: readonly string[]): Action<AwsActSession> {
  const refused = (keys: Iterable<string>): string | null => {
    for (const key of keys) {
      const reason = forbidden(key, protectedTags);
      if (reason !== null) return reason;
    }
    return null;
  };
  const move = async (plan: Plan, session: AwsActSession, to: 'before' | 'after'): Promise<void> => {
    const reason = refused(Object.keys(plan.keys));
    if (reason !== null)
      throw new BursarError('conflict', `tags of ${plan.id} are not changed: ${reason}`, {
        where: placeName(session),
        hint: 'Such tags are written by people alone.',
      });
    await write(plan, session, to);
  };
  return {
    id: ID,
    provider: 'aws',
    role: 'tag',
    resourceTypes: ['aws:ec2:instance', 'aws:ec2:volume'],
    checks: ['tag-policy'],
    reversible: true,
    permissions: [
      reads('ec2:DescribeTags', 'reads the tags of a resource just before they are put right'),
      reads('ec2:DescribeInstances', 'tells whether an instance is still there'),
      { ...changes('ec2:CreateTags', '', 'puts tags right, never one that protects'), resources: RESOURCES },
      { ...changes('ec2:DeleteTags', '', 'takes away a misspelt tag key'), resources: RESOURCES },
    ],

    async read(target, session) {
      const id = resourceIdOf(localPart(target, session, 'ec2'));
      const known = id.startsWith('i-') ? await machine(session, id) : unknownRun;
      if (known === null) return null;
      const { tags } = partTags(await tagsOf(session, id));
      const fixes = fixesOf(target.evidence);
      return {
        resource: {
          provider: 'aws',
          accountId: session.accountId,
          region: session.region,
          type: target.resourceType,
          id: target.resourceId,
          name: tags['Name'] ?? null,
          state: 'tagged',
          created: known.launch,
          tags,
          sku: null,
          accelerators: [],
          parent: known.parent,
          attributes: { id },
        },
        fingerprint: {
          launch: known.launch,
          parent: known.parent === null ? null : `${known.parent.type} ${known.parent.id}`,
        },
        done: fixes !== null && fixes.length > 0 && sameTags(changed(tags, fixes), tags),
        protection: null,
        lost: [],
        staysBilled: [],
        risks: ['Policies, budgets and scripts that look for the old tag no longer find it.'],
      };
    },

    plan(target, { resource, done }) {
      const fixes = fixesOf(target.evidence);
      if (fixes === null || fixes.length === 0)
        return { ok: false, reason: 'The evidence holds no exact fix of its tags.' };
      if (done) return { ok: false, reason: 'Its tags are right already.' };
      const { tags } = resource;
      const id = resource.attributes['id'];
      if (typeof id !== 'string') return { ok: false, reason: 'It has no id that EC2 knows.' };
      const reason = refused(fixes.flatMap((fix) => (fix.kind === 'set' ? [fix.key] : [fix.from, fix.to])));
      if (reason !== null) return { ok: false, reason: `Its tags are not changed: ${reason}.` };
      for (const fix of fixes) {
        if (fix.kind === 'set') {
          if (tags[fix.key] === undefined)
            return { ok: false, reason: `It no longer has the tag ${fix.key}.` };
        } else if (tags[fix.from] === undefined)
          return { ok: false, reason: `It no longer has the tag ${fix.from}.` };
        else if (fix.kind === 'rename' && tags[fix.to] !== undefined && tags[fix.to] !== fix.value)
          return { ok: false, reason: `It has a tag ${fix.to} by now.` };
        else if (fix.kind === 'remove' && (tags[fix.to] !== fix.value || tags[fix.from] !== fix.value))
          return { ok: false, reason: `The tags ${fix.from} and ${fix.to} no longer say the same.` };
      }
      const after = changed(tags, fixes);
      const keys = [...new Set([...Object.keys(tags), ...Object.keys(after)])]
        .filter((key) => tags[key] !== after[key])
        .toSorted();
      const plan = {
        id,
        keys: Object.fromEntries(
          keys.map((key) => [key, { before: tags[key] ?? null, after: after[key] ?? null }]),
        ),
      };
      return {
        ok: true,
        plan,
        undoPlan: plan,
        summary: `Change tags of ${plan.id}: ${keys.map((key) => `${key} from ${shown(tags[key])} to ${shown(after[key])}`).join('; ')}.`,
      };
    },

    apply: async (stored, session) => move(planOf(planShape, stored, ID), session, 'after'),
    undo: async (stored, session) => move(planOf(planShape, stored, ID), session, 'before'),
    verify: async (stored, session) => stands(planOf(planShape, stored, ID), session, 'after'),
    verifyUndo: async (stored, session) => stands(planOf(planShape, stored, ID), session, 'before'),
  };
}

/** `instance/i-0abc`, `volume/vol-0abc`: the ids that CreateTags takes. */
function resourceIdOf(part: string): string {
  const id = /^(?:instance\/(i-[0-9a-f]+)|volume\/(vol-[0-9a-f]+))$/.exec(part)?.slice(1).find(Boolean);
  if (id === undefined) throw new BursarError('input', `${part} is neither an instance nor a volume`);
  return id;
}

const unknownRun = { launch: null, parent: null };

/** An instance keeps its tags for about an hour after it is gone: it is looked at itself. */
async function machine(session: AwsActSession, id: string): Promise<Run | null> {
  const instance = await describeInstance(session, id);
  if (instance === null) return null;
  const { created, parent } = instanceResource(instance, session, new Map());
  return { launch: created, parent };
}

interface Run {
  readonly launch: string | null;
  readonly parent: Resource['parent'];
}

async function tagsOf(session: AwsActSession, id: string): Promise<{ Key: string; Value: string }[]> {
  // Fifty tags are the most that a resource has, and a page holds a thousand (EC2 User Guide, "Tag restrictions").
  const { Tags } = await act(session, 'ec2:DescribeTags', () =>
    session.ec2.send(new DescribeTagsCommand({ Filters: [{ Name: 'resource-id', Values: [id] }] })),
  );
  return (Tags ?? []).flatMap(({ Key, Value }) => (Key === undefined ? [] : [{ Key, Value: Value ?? '' }]));
}

/** New values before old keys go: a crash between leaves too much, never too little. */
async function write(plan: Plan, session: AwsActSession, to: 'before' | 'after'): Promise<void> {
  const tags = new Map((await tagsOf(session, plan.id)).map(({ Key, Value }) => [Key, Value]));
  const from = to === 'after' ? 'before' : 'after';
  for (const [key, one] of Object.entries(plan.keys)) {
    const now = tags.get(key) ?? null;
    if (now !== one[from] && now !== one[to])
      throw new BursarError('conflict', `someone set the tag ${key} of ${plan.id} meanwhile`, {
        where: placeName(session),
        hint: 'Nothing was done: what they want is left as it is.',
      });
  }
  const differing = Object.entries(plan.keys).filter(([key, one]) => (tags.get(key) ?? null) !== one[to]);
  const put = differing.flatMap(([Key, one]) => (one[to] === null ? [] : [{ Key, Value: one[to] }]));
  // With its value given, a tag goes only if it still has that value (EC2 API Reference, DeleteTags).
  const drop = differing.flatMap(([Key, one]) =>
    one[to] === null && one[from] !== null ? [{ Key, Value: one[from] }] : [],
  );
  if (put.length > 0)
    await act(session, 'ec2:CreateTags', () =>
      session.ec2.send(new CreateTagsCommand({ Resources: [plan.id], Tags: put })),
    );
  if (drop.length > 0)
    await act(session, 'ec2:DeleteTags', () =>
      session.ec2.send(new DeleteTagsCommand({ Resources: [plan.id], Tags: drop })),
    );
}

async function stands(plan: Plan, session: AwsActSession, to: 'before' | 'after') {
  const tags = new Map((await tagsOf(session, plan.id)).map(({ Key, Value }) => [Key, Value]));
  const other = Object.entries(plan.keys).find(([key, one]) => (tags.get(key) ?? null) !== one[to]);
  return other === undefined
    ? ({ state: 'done' } as const)
    : ({
        state: 'pending',
        reason: `The tag ${other[0]} of ${plan.id} is ${shown(tags.get(other[0]))}.`,
      } as const);
}

function sameTags(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => a[key] === b[key]);
}

function shown(text: string | undefined): string {
  return text === undefined ? 'none' : JSON.stringify(text);
}
