import { describe, expect, it } from 'vitest';
import type { Resource } from '../../lib/estate/model.ts';
import type { Life } from '../../lib/ledger/life.ts';
import type { FindingRecord } from '../../lib/ledger/model.ts';
import type { Coverage } from '../../lib/platform/coverage.ts';
import { endedOutside, endSavings, madeAgain } from '../../lib/run/outside.ts';
import { noteStopped, savingKey } from '../../lib/run/sweep/savings.ts';
import { complete, EAST, judgement, recordOf, T1, T2, T3 } from '../ledger/fixtures.ts';
import { WHOLE_LIFE } from '../ledger/lives.ts';
import { memoryLedger } from '../ledger/memory.ts';

const VOLUME = 'arn:aws:ec2:us-east-1:111122223333:volume/vol-0abc';

/** Stopped at T1, and looked at at T3. */
function stopped(action = 'aws.ec2.stop', more: Partial<Life> = {}, judged = judgement()): FindingRecord {
  const record = recordOf(judged);
  const life: Life = {
    ...WHOLE_LIFE,
    intent: null,
    stopped: { at: T1, action, undoPlan: null, estimated: { amount: '9', currency: 'USD' } },
    ...more,
  };
  return { ...record, finding: { ...record.finding, state: 'STOPPED' }, life };
}

function resource(more: Partial<Resource> = {}): Resource {
  const { provider, accountId, region, resourceType: type, resourceId: id } = judgement();
  const plain = { sku: null, accelerators: [], parent: null, attributes: {}, name: null };
  return {
    provider,
    accountId,
    region,
    type,
    id,
    state: 'running',
    created: T2,
    tags: {},
    ...plain,
    ...more,
  };
}

async function seen(
  record: FindingRecord,
  resources: readonly Resource[],
  asOf = T3,
  more: Partial<Coverage> = {},
) {
  const ledger = memoryLedger();
  await ledger.put(record, 0, null);
  const coverage = complete(EAST).map((each) => ({ ...each, asOf, ...more }));
  return { ledger, ended: await endedOutside(ledger, resources, coverage) };
}

const without = (...incomplete: string[]) => ({
  status: 'partial' as const,
  reason: 'refused',
  incomplete,
});

describe('a stop of ours that others have ended', () => {
  it('was started when its provider says', async () => {
    const { ended } = await seen(stopped(), [resource()]);
    expect(ended).toMatchObject([{ what: 'started', at: T2 }]);
  });

  it('was deleted at the latest when that was seen', async () => {
    const { ended } = await seen(stopped(), []);
    expect(ended).toMatchObject([{ what: 'deleted', at: T3 }]);
  });

  it('was started where it runs with another launch, whatever the clock of its provider says', async () => {
    const fingerprint = { launch: '2026-02-01T00:00:00.000Z', parent: null };
    const running = (created: string) =>
      seen(stopped('aws.ec2.stop', { fingerprint }), [resource({ created })]);
    expect((await running('2026-02-28T06:00:00.000Z')).ended).toMatchObject([{ what: 'started', at: T1 }]);
    expect((await running('2026-02-01T00:00:00Z')).ended).toEqual([]);
  });

  it('was started, though others have stopped it again since; a start of ours that failed is none', async () => {
    const again = resource({ created: T2, state: 'stopped' });
    expect((await seen(stopped(), [again])).ended).toMatchObject([{ what: 'started', at: T2 }]);
    const given = stopped();
    const failed = { ...given, finding: { ...given.finding, state: 'RESTORE_FAILED' as const } };
    expect((await seen(failed, [again])).ended).toEqual([]);
  });

  it('is seen where its own dataset was read whole, whatever else of the scope was refused', async () => {
    expect((await seen(stopped(), [], T3, without('aws.s3.buckets'))).ended).toMatchObject([
      { what: 'deleted' },
    ]);
    expect((await seen(stopped(), [resource()], T3, without('aws.s3.buckets'))).ended).toMatchObject([
      { what: 'started' },
    ]);
    expect((await seen(stopped(), [], T3, without('aws.ec2.instances'))).ended).toEqual([]);
    expect((await seen(stopped(), [], T3, { status: 'partial', reason: 'refused' })).ended).toEqual([]);
    expect((await seen(stopped(), [], T3, { status: 'failed', reason: 'refused' })).ended).toEqual([]);
  });

  it('was not ended by what was so before it, nor by a look from before it', async () => {
    expect((await seen(stopped(), [resource({ created: T1 })])).ended).toEqual([]);
    expect((await seen(stopped(), [resource({ created: T1, state: 'stopped' })])).ended).toEqual([]);
    expect((await seen(stopped(), [], T1)).ended).toEqual([]);
  });

  it('was not deleted by others where our own stop deletes it: it can still be brought back', async () => {
    const volume = judgement({ resourceType: 'aws:ec2:volume', resourceId: VOLUME });
    expect((await seen(stopped('aws.ebs.snapshot-delete-volume', {}, volume), [])).ended).toEqual([]);
    expect((await seen(stopped('aws.tags.fix', {}, volume), [])).ended).toMatchObject([{ what: 'deleted' }]);
  });

  describe.each([
    ['aws:rds:db', 'arn:aws:rds:us-east-1:111122223333:db:orders', 'stopped', 'available', 'aws.rds.stop'],
    [
      'aws:rds:cluster',
      'arn:aws:rds:us-east-1:111122223333:cluster:v',
      'stopped',
      'available',
      'aws.rds.stop',
    ],
    [
      'aws:sagemaker:notebook-instance',
      'arn:aws:sagemaker:us-east-1:111122223333:notebook-instance/lab',
      'Stopped',
      'InService',
      'aws.sagemaker.notebook-stop',
    ],
    ['gcp:tpu:node', '//tpu.googleapis.com/n', 'STOPPED', 'READY', 'gcp.tpu.stop'],
    [
      'gcp:aiplatform:endpoint',
      '//aiplatform.googleapis.com/e',
      'EMPTY',
      'DEPLOYED',
      'gcp.aiplatform.undeploy',
    ],
  ])('of %s, whose launch tells nothing', (resourceType, resourceId, down, working, action) => {
    const judged = judgement({ resourceType, resourceId });
    const fingerprint = { launch: '2026-02-01T00:00:00.000Z', parent: null };
    const record = stopped(action, { fingerprint }, judged);
    const now = (state: string, created: string | null) => [
      resource({ type: resourceType, id: resourceId, state, created }),
    ];

    it('goes on while it is down, whatever time is told of it', async () => {
      for (const created of [fingerprint.launch, T2, null])
        expect((await seen(record, now(down, created))).ended).toEqual([]);
    });

    it('was started where it works: then, or when that was first seen', async () => {
      const at = async (created: string | null) => (await seen(record, now(working, created))).ended;
      expect(await at(fingerprint.launch)).toMatchObject([{ what: 'started', at: T3 }]);
      expect(await at(null)).toMatchObject([{ what: 'started', at: T3 }]);
      expect(await at(T2)).toMatchObject([{ what: 'started', at: T2 }]);
      expect((await seen(record, now(working, T2), T1)).ended).toEqual([]);
    });

    it('is not ended by its working where it never stopped, or was brought back', async () => {
      const intent = { kind: 'stop', action, plan: 1, undoPlan: 2, at: T1, attempt: 3 } as const;
      const tried = stopped(action, { intent, stopped: null }, judged);
      const given = { ...tried, finding: { ...tried.finding, state: 'ESCALATED' as const } };
      expect((await seen(given, now(working, T2))).ended).toEqual([]);
      const back = { ...record, finding: { ...record.finding, state: 'RESTORED' as const } };
      expect((await seen(back, now(working, T2))).ended).toEqual([]);
    });
  });

  it('may be one that was given up', async () => {
    const intent = {
      kind: 'stop',
      action: 'aws.ec2.stop',
      plan: 1,
      undoPlan: 2,
      at: T1,
      attempt: 3,
    } as const;
    const given = stopped('aws.ec2.stop', { intent, stopped: null });
    const record = { ...given, finding: { ...given.finding, state: 'ESCALATED' as const } };
    expect((await seen(record, [])).ended).toMatchObject([{ what: 'deleted', at: T3 }]);
  });
});

/** The saving of a stop whose machine was launched then. */
async function savingAfter(at: string) {
  const { ledger, ended } = await seen(stopped(), [resource({ created: at })]);
  await noteStopped(ledger, stopped().finding, T1, 'aws.ec2.stop');
  await endSavings(ledger, ended);
  await endSavings(ledger, ended);
  return (await ledger.getDoc(savingKey(stopped().finding.id)))?.value;
}

describe('its saving', () => {
  it('ends when it was started, and not when that was found out', async () => {
    expect(await savingAfter(T2)).toMatchObject({ stops: [{ from: T1, until: T2 }] });
  });

  it('goes on where nobody has ended it', async () => {
    expect(await savingAfter(T1)).toMatchObject({ stops: [{ from: T1, until: null }] });
  });

  it('that began after what was seen goes on', async () => {
    const { ledger, ended } = await seen(stopped(), [resource()]);
    await noteStopped(ledger, stopped().finding, T3, 'aws.ec2.stop');
    await endSavings(ledger, ended);
    const doc = (await ledger.getDoc(savingKey(stopped().finding.id)))?.value;
    expect(doc).toMatchObject({ stops: [{ from: T3, until: null }] });
  });
});

describe('what was taken from a vector store', () => {
  const ID = 'postgres://10.0.0.5:5432/docs/public.chunks_hnsw';
  const drop = 'postgres.pgvector.drop-index';
  const erase = 'postgres.pgvector.delete-vectors';

  async function again(action: string, resourceId: string, at: string, judged: boolean, more = {}) {
    const about = judgement({ check: 'stale-embeddings', provider: 'postgres', resourceId });
    const record = stopped(action, {}, about);
    const ledger = memoryLedger();
    await ledger.put({ ...record, finding: { ...record.finding, ...more } }, 0, null);
    return await madeAgain(ledger, [{ id: ID, at }], new Set(judged ? [record.finding.id] : []));
  }

  it('is made again by others where an index is there after its drop, and not before it', async () => {
    expect(await again(drop, ID, T3, false)).toMatchObject([{ resourceId: ID, what: 'made again', at: T3 }]);
    expect(await again(drop, `${ID}#duplicate`, T3, false)).toHaveLength(1);
    expect(await again(drop, ID, T1, false)).toEqual([]);
    expect(await again(drop, `${ID}_other`, T3, false)).toEqual([]);
    expect(await again(drop, ID, T3, false, { state: 'RESTORED' })).toEqual([]);
    expect(await again('aws.ec2.stop', ID, T3, true)).toEqual([]);
  });

  it('is there again where vectors are told of anew', async () => {
    expect(await again(erase, `${ID}#orphaned`, T3, true)).toMatchObject([{ what: 'made again' }]);
    expect(await again(erase, `${ID}#orphaned`, T3, false)).toEqual([]);
    expect(await again(erase, `${ID}#orphaned`, T1, true)).toEqual([]);
  });
});
