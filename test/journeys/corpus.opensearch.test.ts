import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { Decimal } from '../../lib/focus/decimal.ts';
import type { AuditResult } from '../../lib/run/model.ts';
import { type Front, fill, openFront, send } from '../estate/opensearch/front.ts';
import { type CorpusDocument, type CorpusVector, corpus, DAYS, embed } from '../generate/corpus.ts';
import { bursarOk } from './bursar.ts';
import { BILLED, billOf, byIndex, DAY, manifest, told } from './corpus.ts';

const DOMAIN = 'arn:aws:es:us-east-1:111122223333:domain/documents';

const configOf = (url: string) => `schemaVersion: 1
organisation: { name: Acme, currency: USD, timezone: UTC }
sources: { bills: { type: focus-file, path: bill.csv } }
estate:
  stores:
    docs:
      type: opensearch
      url: ${url}
      auth: none
      domain: ${DOMAIN}
      documents:
        - index: 'corpus-*'
          key: source
          part: metadata.part
          content: metadata.hash
          embedded: embedded_at
          model: metadata.model
          tokens: tokens
          source: { type: manifest, path: documents.csv }
`;

const keyword = { type: 'keyword' };
const MAPPINGS = {
  properties: {
    source: keyword,
    embedded_at: { type: 'date' },
    tokens: { type: 'integer' },
    metadata: { properties: { part: keyword, hash: keyword, model: keyword, secret: keyword } },
    embedding: { type: 'float' },
  },
};

const documentOf = ({ id, source, part, content, embedded, model, tokens, vector }: CorpusVector) =>
  [
    String(id),
    {
      source,
      embedded_at: embedded,
      tokens,
      metadata: { part, hash: content, model, secret: 'sk-live-not-to-be-seen' },
      embedding: vector,
    },
  ] as const;

const Sizes = z.looseObject({
  _all: z.looseObject({ total: z.looseObject({ store: z.looseObject({ size_in_bytes: z.number() }) }) }),
  indices: z.record(
    z.string(),
    z.looseObject({ total: z.looseObject({ store: z.looseObject({ size_in_bytes: z.number() }) }) }),
  ),
});

describe('the corpus in indexes of OpenSearch', () => {
  const { documents, indexes } = corpus();
  const server = inject('opensearchUrl');
  let front: Front;
  let here: string;
  let first: AuditResult;
  let second: AuditResult;
  let sizes: z.output<typeof Sizes>;

  beforeAll(async () => {
    front = await openFront(server);
    here = await mkdtemp(join(tmpdir(), 'bursar-corpus-'));
    for (const { name, looks } of indexes) {
      await send(server, 'PUT', `/corpus-${name}`, {
        settings: { number_of_shards: 2, number_of_replicas: 0 },
        mappings: MAPPINGS,
      });
      await fill(server, `corpus-${name}`, looks[0].map(documentOf));
    }
    const start = Math.floor(Date.now() / DAY) * DAY;
    await writeFile(join(here, 'bursar.yaml'), configOf(front.url));
    await writeFile(
      join(here, 'bill.csv'),
      billOf(start, {
        ServiceName: 'Amazon OpenSearch Service',
        ServiceCategory: 'Analytics',
        ResourceId: DOMAIN,
        ResourceType: 'Domain',
      }),
    );
    const look = async (at: number, manifested: readonly CorpusDocument[]): Promise<AuditResult> => {
      await writeFile(join(here, 'documents.csv'), manifest(manifested));
      const given = ['audit', '--format', 'json', '--now', new Date(at).toISOString()];
      const result: AuditResult = JSON.parse(await bursarOk(given, here));
      return { ...result, findings: result.findings.filter(({ check }) => check === 'stale-embeddings') };
    };
    first = await look(start, documents[0]);
    for (const { name, looks, asked } of indexes) {
      await fill(
        server,
        `corpus-${name}`,
        looks[1].filter((one, at) => one !== looks[0][at]).map(documentOf),
      );
      for (let time = 0; time < asked; time += 1)
        await send(server, 'POST', `/corpus-${name}/_search`, {
          query: { match: { source: embed(`invoice ${time}`).join() } },
        });
    }
    await send(server, 'POST', '/corpus-*/_flush?force=true');
    second = await look(start + DAYS * DAY, documents[1]);
    // Segments are merged whenever the server likes: the bytes are those of the very moment.
    const stats = front.asked.findLast(({ path }) => path.startsWith('/_stats/'))?.answer ?? '';
    sizes = Sizes.parse(JSON.parse(stats));
  });

  afterAll(async () => {
    front.close();
    for (const { name } of indexes) await send(server, 'DELETE', `/corpus-${name}`);
    await rm(here, { recursive: true, force: true });
  });

  it('is told exactly, and nothing else', () => {
    expect(second.coverage).toMatchObject([
      expect.objectContaining({ scope: 'bill:bills', status: 'complete' }),
      expect.objectContaining({ scope: 'store:docs', status: 'complete' }),
    ]);
    const expected = indexes.flatMap(({ name, truth }) =>
      truth.map((one) => ({ index: `corpus-${name}`, ...one })),
    );
    expect(second.findings.map(told).toSorted(byIndex)).toEqual(expected.toSorted(byIndex));
  });

  it('costs its part of the domain to the cent, of which nothing is saved', () => {
    const costing = ['unqueried', 'orphaned', 'duplicate'];
    expect(second.findings.filter((one) => costing.includes(told(one).kind))).toHaveLength(4);
    const { _all: whole, indices } = sizes;
    for (const finding of second.findings) {
      const { kind, index, vectors } = told(finding);
      const all = indexes.find(({ name }) => `corpus-${name}` === index)?.looks[1].length ?? 0;
      expect(finding.monthlySaving).toBeNull();
      if (!costing.includes(kind)) continue;
      const cost = new Decimal(BILLED)
        .times(indices[index]?.total.store.size_in_bytes ?? 0)
        .div(whole.total.store.size_in_bytes)
        .times(vectors)
        .div(all);
      expect(cost.toNumber(), `${index} ${kind}`).toBeGreaterThan(0.01);
      expect(finding.costBasis).toBe('billed');
      expect(new Decimal(finding.monthlyCost?.amount ?? '0').toFixed(2)).toBe(cost.toFixed(2));
    }
  });

  it('shows at the first look what no time is needed for', () => {
    expect(
      first.findings
        .map(told)
        .map(({ index, kind, verdict }) => `${index} ${kind} ${verdict}`)
        .toSorted(),
    ).toEqual([
      'corpus-archive orphaned UNUSED',
      'corpus-faq superseded-model INEFFICIENT',
      'corpus-handbook_copy duplicate SUSPECTED',
      'corpus-legacy superseded-model INEFFICIENT',
      'corpus-prices out-of-date INEFFICIENT',
      'corpus-tickets duplicate UNUSED',
    ]);
  });

  it('is looked at by four requests, and four for each index whose keys fit a page', () => {
    const calls = new Map(second.ownCost.calls.map(({ api, count }) => [api, count]));
    expect(calls.get('opensearch.point_in_time')).toBe(indexes.length);
    expect(calls.get('opensearch.search')).toBe(2 * indexes.length);
    expect(calls.get('opensearch.point_in_time.delete')).toBe(indexes.length);
    const all = second.ownCost.calls.flatMap(({ api, count }) =>
      api.startsWith('opensearch.') ? [count] : [],
    );
    expect(all.reduce((sum, count) => sum + count, 0)).toBe(4 + 4 * indexes.length);
  });

  it('never shows a text, a key or what else the documents hold, and never asks for a vector', () => {
    const shown = JSON.stringify([first, second]);
    for (const secret of ['sk-live-not-to-be-seen', 'docs/archive/']) expect(shown).not.toContain(secret);
    const answers = front.asked.filter(({ path }) => path.startsWith('/_search')).map(({ answer }) => answer);
    expect(answers.length).toBeGreaterThan(2 * indexes.length);
    for (const answer of answers) {
      expect(answer).not.toContain('sk-live-not-to-be-seen');
      expect(answer).not.toContain('"embedding"');
    }
  });
});
