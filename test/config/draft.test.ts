import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Draft, type DraftBill, draftText } from '../../lib/config/draft.ts';
import { parseConfig } from '../../lib/config/load.ts';

const text = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
  fc.constantFrom(
    'true',
    'No',
    'null',
    '1e3',
    '0x10',
    '~',
    '- a',
    'a: b',
    '# c',
    '"',
    "'",
    '{ a: 1 }',
    '\n',
    '&a',
    '*a',
  ),
);
const named = text.filter((each) => /\S/.test(each));
const tag = text.filter((each) => !each.includes('\0'));
const bill: fc.Arbitrary<DraftBill> = fc.oneof(
  fc.record({
    type: fc.constant('aws-focus-export' as const),
    bucket: fc.constantFrom('acme-bills', '123'),
    prefix: fc.constantFrom('', 'focus', 'a b/c: d'),
  }),
  fc.constant({ type: 'aws-cost-explorer' as const }),
  fc.constant({ type: 'gcp-bigquery' as const, table: 'acme-1.billing.gcp_billing_export_v1_X' }),
  fc.record({ type: fc.constantFrom('openai' as const, 'anthropic' as const) }),
  fc.record({
    type: fc.constant('focus-file' as const),
    paths: fc.array(named, { minLength: 1, maxLength: 3 }),
  }),
);
const draft: fc.Arbitrary<Draft> = fc.record({
  name: named,
  currency: fc.constantFrom('USD', 'JPY'),
  timezone: fc.constantFrom('UTC', 'Europe/Berlin', 'Etc/GMT+5'),
  bills: fc.uniqueArray(bill, { selector: ({ type }) => type }),
  aws: fc.constantFrom<Draft['aws'][]>(null, 'own', 'organisation', ['012345678901', '111122223333']),
  gcp: fc.constantFrom<Draft['gcp'][]>(null, 'linked', 'organisation', ['acme-prod']),
  ownerTags: fc.array(tag, { maxLength: 3 }),
  teamTag: fc.option(tag),
  environmentTag: fc.option(tag),
  domains: fc.constantFrom([], ['acme.com', 'acme.de']),
  channel: fc.constantFrom(null, '#finops', '#büro-1', 'C012AB3CD'),
});

describe('a first config', () => {
  test('loads, and says what was answered, whatever that was', () => {
    fc.assert(
      fc.property(draft, (answers) => {
        const config = parseConfig(draftText(answers), 'bursar.yaml');
        const { name, currency, timezone } = answers;
        expect(config.organisation).toMatchObject({ name, currency, timezone });
        expect(Object.values(config.sources).map(({ type }) => type)).toEqual(
          answers.bills.map(({ type }) => type),
        );
        for (const source of Object.values(config.sources)) {
          const given = answers.bills.find(({ type }) => type === source.type);
          const { paths, ...plain } = { paths: [], ...given };
          expect(source).toMatchObject(
            paths.length === 0
              ? Object.fromEntries(Object.entries(plain))
              : { path: paths.length === 1 ? paths[0] : paths },
          );
        }
        expect(config.estate.aws?.accounts ?? null).toEqual(answers.aws);
        expect(config.estate.gcp?.projects ?? null).toEqual(answers.gcp);
        expect(config.owners).toMatchObject({ tags: answers.ownerTags, domains: answers.domains });
        expect(config.dimensions).toEqual({
          ...(answers.teamTag === null ? {} : { team: [{ tag: answers.teamTag }] }),
          ...(answers.environmentTag === null ? {} : { environment: [{ tag: answers.environmentTag }] }),
        });
        expect(config.slack?.channels.digest ?? null).toBe(answers.channel);
        expect(config.policies).toEqual([]);
      }),
    );
  });

  test('names where secrets are and holds none', () => {
    const written = draftText({
      name: 'Acme',
      currency: 'USD',
      timezone: 'UTC',
      bills: [{ type: 'openai' }, { type: 'anthropic' }],
      aws: null,
      gcp: null,
      ownerTags: [],
      teamTag: null,
      environmentTag: null,
      domains: [],
      channel: '#finops',
    });
    const { sources, slack } = parseConfig(written, 'bursar.yaml');
    expect(sources['openai']).toMatchObject({ key: { env: 'OPENAI_ADMIN_KEY' } });
    expect(sources['anthropic']).toMatchObject({ key: { env: 'ANTHROPIC_ADMIN_KEY' } });
    expect(slack?.token).toEqual({ env: 'SLACK_BOT_TOKEN' });
  });
});
