import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DELETING } from '../../lib/actions/deleting.ts';
import { ACTIONS, actionById, actionFor, actions } from '../../lib/actions/index.ts';
import { changed, fixesOf, forbidden, parseFix } from '../../lib/actions/tag-change.ts';
import { TagRules } from '../../lib/checks/tag-faults.ts';

/** The id of the action that answers a finding. */
function idOf(check: string, provider: string, resourceType: string, resourceId = 'arn:aws:a:b:c:d') {
  return actionFor({ check, provider, resourceType, resourceId })?.id ?? null;
}

describe('the registry', () => {
  test('each action has an id of its own, starting with its provider', () => {
    const ids = ACTIONS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, provider } of ACTIONS) expect(id.startsWith(`${provider}.`)).toBe(true);
    for (const id of ids) expect(actionById(id)?.id).toBe(id);
    expect(actionById('aws.ec2.terminate')).toBeNull();
  });

  test('no two actions answer the same finding', () => {
    const pairs = ACTIONS.flatMap(({ provider, resourceTypes, checks }) =>
      resourceTypes.flatMap((type) => checks.map((check) => `${provider} ${type} ${check}`)),
    );
    expect(new Set(pairs).size).toBe(pairs.length);
    expect(idOf('idle-gpu', 'aws', 'aws:ec2:instance')).toBe('aws.ec2.stop');
    expect(idOf('idle-gpu', 'gcp', 'gcp:compute:instance')).toBe('gcp.compute.stop');
    expect(idOf('untagged', 'aws', 'aws:ec2:instance')).toBeNull();
    expect(idOf('idle-gpu', 'gcp', 'aws:ec2:instance')).toBeNull();
  });

  test('a collection is removed for what is told of it as a whole, never of one of its indexes', () => {
    const arn = 'arn:aws:aoss:eu-central-1:111122223333:collection/07tjusf2h91cunochc';
    expect(idOf('stale-embeddings', 'aws', 'opensearch-serverless:index', arn)).toBe(
      'aws.opensearchserverless.scale-down-or-remove',
    );
    for (const id of [
      `${arn}#duplicate`,
      'opensearch://x.aoss.amazonaws.com/manuals',
      'opensearch://x/m#churn',
    ])
      expect(idOf('stale-embeddings', 'aws', 'opensearch-serverless:index', id)).toBeNull();
  });

  test('only what loses data for good is irreversible, and tags have a role of their own', () => {
    expect(ACTIONS.filter(({ reversible }) => !reversible).map(({ id }) => id)).toEqual([
      'aws.bedrock.provisioned-throughput-delete',
      'aws.logs.retention',
      'postgres.pgvector.delete-vectors',
    ]);
    expect(ACTIONS.filter(({ role }) => role === 'tag').map(({ id }) => id)).toEqual(['aws.tags.fix']);
  });

  test('an action that may delete what it acts on is known to, so that its absence is not taken for another’s doing', () => {
    const may = ACTIONS.filter(({ permissions }) =>
      permissions.some(({ action }) => /:Delete(?!Tags|RetentionPolicy)/.test(action)),
    );
    // What a login of a database may do is declared nowhere: these are known by name.
    const inDatabases = ['postgres.pgvector.drop-index'];
    expect([...may.map(({ id }) => id), ...inDatabases].toSorted()).toEqual([...DELETING].toSorted());
  });

  test('what is advice only is answered by no action', () => {
    const advised = [
      'aws:ec2:elastic-ip',
      'aws:ec2:natgateway',
      'aws:ec2:capacity-reservation',
      'gcp:compute:address',
    ];
    expect(
      ACTIONS.filter(({ resourceTypes }) => resourceTypes.some((type) => advised.includes(type))),
    ).toEqual([]);
    const rights = ACTIONS.flatMap(({ permissions }) => permissions.map(({ action }) => action));
    expect(
      rights.filter((action) => /ReleaseAddress|NatGateway|CapacityReservation|addresses\./.test(action)),
    ).toEqual([]);
  });

  test('no action may terminate, and only the tag role and what it creates may write tags', () => {
    const rights = ACTIONS.flatMap(({ id, permissions }) =>
      permissions.map(({ action }) => ({ id, action })),
    );
    expect(
      rights.filter(({ action }) =>
        /Terminate|\*|DeleteSnapshot|DeleteModel|PassRole|actAs|\.delete$/.test(action),
      ),
    ).toEqual([]);
    expect(rights.filter(({ action }) => /DeleteTags/.test(action)).map(({ id }) => id)).toEqual([
      'aws.tags.fix',
    ]);
    const all = ACTIONS.flatMap(({ permissions }) => permissions);
    expect(all.filter(({ why }) => why === '')).toEqual([]);
    const everywhere = all.filter(
      ({ cloud, action, resources }) =>
        cloud === 'aws' &&
        !/:(Describe|List|BatchGet)/.test(action) &&
        (resources ?? ['*']).some((arn) => !/^arn:\*:.+/.test(arn)),
    );
    // Which IAM grants for no single collection (Service Authorization Reference, OpenSearch Serverless).
    expect(everywhere.map(({ action }) => action)).toEqual(['aoss:CreateCollection', 'aoss:TagResource']);
  });

  test('what is changed without a look at its tags is known by name', () => {
    const unguarded = ACTIONS.flatMap(({ permissions }) =>
      permissions.flatMap(({ action, tagConditioned }) =>
        tagConditioned || /Describe|List|BatchGet|^kms:|\.get$|\.list$/.test(action) ? [] : [action],
      ),
    );
    expect(unguarded).toEqual([
      'application-autoscaling:RegisterScalableTarget',
      'application-autoscaling:PutScalingPolicy',
      'cloudwatch:PutMetricAlarm',
      'aoss:CreateCollection',
      'compute.instances.stop',
      'compute.instances.start',
      'notebooks.instances.stop',
      'notebooks.instances.start',
      'tpu.nodes.stop',
      'tpu.nodes.start',
      'aiplatform.endpoints.undeploy',
      'aiplatform.endpoints.deploy',
    ]);
  });
});

describe('tag changes', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 20 });

  test('what the check writes is read back word for word, whatever the tags hold', () => {
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        const q = JSON.stringify;
        expect(parseFix(`rename ${q(a)} to ${q(b)} = ${q(c)}`)).toEqual({
          kind: 'rename',
          from: a,
          to: b,
          value: c,
        });
        expect(parseFix(`set ${q(a)} = ${q(b)}`)).toEqual({ kind: 'set', key: a, value: b });
        expect(parseFix(`remove ${q(a)}: ${q(b)} = ${q(c)} says the same`)).toEqual({
          kind: 'remove',
          from: a,
          to: b,
          value: c,
        });
      }),
    );
  });

  test('a fix that the check offers makes the fault go away', () => {
    const rules = new TagRules(['owner', 'team'], { env: ['prod', 'dev'], team: ['ml', 'web'] });
    const key = fc.constantFrom('Owner', 'owner ', 'OWNER', 'Env', 'env', 'ENV_', 'Team', 'team', 'x');
    const value = fc.constantFrom('prod', 'Prod', 'PROD ', 'dev', 'ml', 'M L', 'web', 'ana');
    fc.assert(
      fc.property(fc.dictionary(key, value, { maxKeys: 2 }), (tags) => {
        for (const { found, fix } of rules.faults('aws', tags)) {
          if (fix === null) continue;
          const [change] = fixesOf({ [`fix of ${found}`]: fix }) ?? [];
          if (change === undefined) throw new Error(`${fix} cannot be read`);
          const after = changed(tags, [change]);
          expect(rules.faults('aws', after).map((fault) => fault.found)).not.toContain(found);
        }
      }),
    );
  });

  test('nothing but an exact fix is read', () => {
    fc.assert(
      fc.property(text, (words) => {
        expect(parseFix(words)).toBeNull();
        expect(parseFix(`set "env" = "prod"${words} `)).toBeNull();
      }),
    );
    expect(fixesOf({ 'fix of a': 'set "a" = "b"', 'fix of b': 'set a' })).toBeNull();
    expect(fixesOf({ 'hint for a': 'set "a" = "b"' })).toEqual([]);
  });

  test('keys that protect, approve or exempt are forbidden however they are written', () => {
    const dress = fc.constantFrom(
      (k: string) => k,
      (k: string) => k.toUpperCase(),
      (k: string) => ` ${k} `,
      (k: string) => k.replaceAll('-', '_'),
      (k: string) => k.replaceAll('-', ' '),
    );
    const key = fc.constantFrom(
      'do-not-stop',
      'gold-plated',
      'bursar:hold',
      'approved-by',
      'exempt-until',
      'protected',
      'do-not-delete',
      'keep',
      'aws:autoscaling:groupName',
      'legal-hold',
    );
    fc.assert(
      fc.property(key, dress, (one, as) => {
        expect(forbidden(as(one), ['gold-plated'])).not.toBeNull();
      }),
    );
    for (const fine of ['owner', 'team', 'env', 'cost-center', 'stakeholder', 'Name'])
      expect(forbidden(fine, ['gold-plated'])).toBeNull();
  });

  test('the keys of the config count', () => {
    const fix = actions(['gold']).find(({ id }) => id === 'aws.tags.fix');
    expect(fix?.role).toBe('tag');
    expect(forbidden('gold', [])).toBeNull();
    expect(forbidden('Gold', ['gold'])).not.toBeNull();
  });
});
