import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { parseConfig } from '../../lib/config/load.ts';
import { digestContent } from '../../lib/digest/content.ts';
import { digestEmail } from '../../lib/digest/email.ts';
import { explained } from '../../lib/digest/explain.ts';
import { explainText } from '../../lib/digest/explain-text.ts';
import { digestFormat } from '../../lib/digest/format.ts';
import { digestHtml } from '../../lib/digest/html.ts';
import type { Audience } from '../../lib/digest/model.ts';
import { pageData } from '../../lib/digest/page-data.ts';
import { digestAnnouncement } from '../../lib/digest/slack.ts';
import { digestText } from '../../lib/digest/text.ts';
import type { Scope, Snapshot } from '../../lib/estate/model.ts';
import { configured } from '../../lib/run/assemble/config.ts';
import { snapshotsEstate } from '../../lib/run/assemble/demo.ts';
import { openLocal } from '../../lib/run/assemble/local.ts';
import type { Auditor } from '../../lib/run/auditor.ts';
import { digestInput } from '../../lib/run/digest.ts';
import { publish } from '../../lib/run/publish.ts';
import { wholeAudit } from '../../lib/run/whole.ts';
import type { Charge } from '../journeys/bills.ts';
import { bill, machine, QUIET } from './auditor.ts';

/** Names that overlap, that are words of our own, or that an attacker would give a tag. */
const HOSTILE = [
  'search',
  'search-2',
  'sear',
  'Search',
  'search%2D2',
  '..',
  '../x',
  '../executive',
  '__proto__',
  'constructor',
  'executive',
  'everyone',
  'team:search',
  'Unallocated',
  'a"b\'c',
  '["search","research"]',
  'search|research',
  "x') OR ('1'='1",
  '%',
  'שלום עולם',
  '\u202eevil',
  '<!channel>',
  '=HYPERLINK("https://evil.example")',
  'x'.repeat(300),
] as const;

const DAYS = 45;
const NOW = new Date('2026-11-16T08:00:00Z');
const HERE: Scope = { provider: 'aws', accountId: '111122223333', region: 'us-east-1' };

interface Team {
  readonly name: string;
  /** In each name that is this team's alone, and in no other. */
  readonly canary: string;
  /** Cents a day, and on the last five: always more, for the message names a team's own service where it moved. */
  readonly cost: number;
  readonly jump: number;
}

const someTeams = fc.uniqueArray(fc.constantFrom(...HOSTILE), { minLength: 2, maxLength: 4 }).chain((names) =>
  fc.tuple(
    ...names.map((name, at) =>
      fc.record({
        name: fc.constant(name),
        canary: fc.constant(`zq${'bcdf'[at]}7kv`),
        cost: fc.integer({ min: 1_000, max: 90_000 }),
        jump: fc.integer({ min: 100_000, max: 900_000 }),
      }),
    ),
  ),
);

/** What a team charges: a resource, a service and a model of its own, tagged with its name. */
function charges({ name, canary, cost, jump }: Team): Charge[] {
  return Array.from({ length: DAYS }, (_, at) => {
    const day = new Date(NOW.getTime() - (DAYS - at) * 86_400_000).toISOString().slice(0, 10);
    const next = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
    const amount = ((at >= DAYS - 5 ? jump : cost) / 100).toFixed(2);
    return {
      BilledCost: amount,
      EffectiveCost: amount,
      ListCost: amount,
      ContractedCost: amount,
      ChargePeriodStart: `${day}T00:00:00Z`,
      ChargePeriodEnd: `${next}T00:00:00Z`,
      BillingPeriodStart: `${day.slice(0, 7)}-01T00:00:00Z`,
      BillingPeriodEnd: day < '2026-11' ? '2026-11-01T00:00:00Z' : '2026-12-01T00:00:00Z',
      ServiceName: `Service of ${canary}`,
      ServiceCategory: 'AI and Machine Learning',
      ResourceId: `arn:aws:ec2:us-east-1:111122223333:instance/i-${canary}`,
      x_model: `model-${canary}`,
      Tags: JSON.stringify({ team: name }),
    };
  });
}

function seen(teams: readonly Team[]): Snapshot {
  return {
    schemaVersion: 2,
    scope: HERE,
    takenAt: NOW.toISOString(),
    resources: teams.map(({ name, canary }) => ({
      ...machine(HERE, `i-${canary}`),
      name: `machine ${canary}`,
      // It lacks `cost-centre`, which the check asks for.
      tags: { team: name, owner: `${canary}@acme.example` },
    })),
    telemetry: [],
    vectorIndexes: [],
    coverage: [
      { scope: 'aws:111122223333:us-east-1', status: 'complete', reason: null, asOf: NOW.toISOString() },
      ...teams.map(({ canary }) => ({
        scope: `aws:${canary}`,
        status: 'failed' as const,
        reason: `${canary} refused`,
        asOf: null,
      })),
    ],
  };
}

/** A company of these teams, audited: findings, anomalies, budgets and bills of each. */
async function audited(teams: readonly Team[]): Promise<Auditor> {
  const folder = await mkdtemp(join(tmpdir(), 'bursar-leak-'));
  const config = parseConfig(
    JSON.stringify({
      schemaVersion: 1,
      organisation: { name: 'Acme', currency: 'USD', timezone: 'UTC' },
      dimensions: { team: [{ tag: 'team' }] },
      owners: { tags: ['owner'], domains: ['acme.example'] },
      checks: { untagged: { required: ['owner', 'team', 'cost-centre'] } },
      budgets: teams.map(({ name, canary }) => ({
        name: `budget ${canary}`,
        amount: { USD: '1000' },
        where: { team: name },
      })),
    }),
    'bursar.yaml',
  );
  const { lake, ledger } = await openLocal(join(folder, 'state'), config.dimensions, config.ai.rules);
  onTestFinished(async () => {
    await lake[Symbol.asyncDispose]();
    await ledger.close();
    await rm(folder, { recursive: true, force: true });
  });
  const auditor: Auditor = {
    ...configured(config, QUIET),
    lake,
    ledger,
    sources: [await bill(folder, 'main', teams.flatMap(charges))],
    estates: [snapshotsEstate(() => [seen(teams)])],
  };
  await wholeAudit(auditor, 'r-leak', false, NOW);
  return auditor;
}

/** Everything that a digest is given out as. */
async function told(auditor: Auditor, audience: Audience): Promise<Record<string, string>> {
  const content = digestContent(
    await digestInput(auditor, 'week', { sources: null, scopes: null }, NOW, audience),
  );
  const format = digestFormat(content.timezone, content.locale);
  const { message, thread, id } = digestAnnouncement(content, 'r-1');
  return {
    content: JSON.stringify(content),
    blocks: JSON.stringify(message),
    thread: JSON.stringify(thread),
    id,
    text: digestText(content),
    email: digestEmail(content),
    html: digestHtml(content),
    page: JSON.stringify(pageData(content, format, 'en-US')),
    explain: JSON.stringify(explained(content, format)),
    'explain text': explainText(content),
  };
}

const says = (text: string, { canary }: Team) => text.includes(canary);

test('a digest for a team says nothing of another team in any form; the one for everyone tells of all', async () => {
  await fc.assert(
    fc.asyncProperty(someTeams, async (teams) => {
      const auditor = await audited(teams);
      const everyone = await told(auditor, { kind: 'everyone' });
      expect(teams.filter((team) => !says(everyone['content'] ?? '', team))).toEqual([]);
      for (const team of teams) {
        const own = await told(auditor, { kind: 'team', team: team.name });
        const others = teams.filter((other) => other !== team);
        const leaks = Object.entries(own).flatMap(([form, text]) =>
          others.filter((other) => says(text, other)).map((other) => [form, team.name, other.name]),
        );
        expect(leaks).toEqual([]);
        // Its own finding, bill and budget are there: what is empty leaks nothing, and tells nothing.
        for (const form of ['content', 'blocks', 'thread', 'text', 'email', 'html'])
          expect([form, says(own[form] ?? '', team)]).toEqual([form, true]);
        const { spend, budgets, findings, scopes, gaps } = JSON.parse(own['content'] ?? '');
        expect([spend.length, budgets.length, findings.length]).toEqual([1, 1, 1]);
        // How much was not seen is told to all alike: the estate and a scope of each team; bill and machines were.
        expect(scopes).toEqual({ all: 2 + teams.length, complete: 2 });
        expect(gaps).toMatchObject([{ scopes: teams.map(() => 'estate') }]);
        expect(own['text']).toContain(`estate, ${teams.length} in all (read in part)`);
      }
    }),
    { numRuns: 3, endOnFailure: true },
  );
}, 400_000);

test('reports of each team lie apart from all others, whatever it is called', async () => {
  const teams = HOSTILE.slice(0, 12).map((name, at) => ({
    name,
    canary: `zq${String.fromCodePoint(97 + at)}7kv`,
    cost: 1_000,
    jump: 2_000,
  }));
  const auditor = await audited(teams);
  const kept = new Map<string, string>();
  const archive = {
    put: async (key: string, body: string | Uint8Array) => {
      expect(kept.has(key)).toBe(false);
      kept.set(key, String(body));
      return key;
    },
  };
  for (const team of teams) {
    const before = new Set(kept.keys());
    await publish(auditor, 'week', archive, null, NOW, { kind: 'team', team: team.name });
    const added = [...kept.keys()].filter((key) => !before.has(key));
    expect(added).toHaveLength(1);
    // One folder of its own: as a browser reads the address, too.
    for (const key of added) {
      expect(key).toMatch(/^team\/[^/]+\/week\/2026-11-09\.html$/);
      expect(new URL(key, 'https://bucket.example/').pathname).toBe(`/${key}`);
      expect(teams.filter((other) => other !== team && says(kept.get(key) ?? '', other))).toEqual([]);
    }
  }
  expect(kept.size).toBe(teams.length);
}, 400_000);

test('a team that nobody named has no digest', async () => {
  const teams = [{ name: 'search', canary: 'zqb7kv', cost: 1_000, jump: 1_000 }];
  const auditor = await audited(teams);
  expect(await told(auditor, { kind: 'team', team: 'search' })).toMatchObject({
    content: expect.stringContaining('zqb7kv'),
  });
  for (const name of ['', 'sear', 'search ', 'SEARCH', '%', '*', '../search', '__proto__', 'toString'])
    await expect(told(auditor, { kind: 'team', team: name })).rejects.toMatchObject({ code: 'input' });
}, 120_000);
