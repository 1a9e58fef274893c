import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { Assembled } from '../../infra/handler.ts';
import { fetchBinding } from '../../infra/native.ts';
import { parseConfig } from '../../lib/config/load.ts';
import type { Entry } from '../../lib/run/assemble/permissions.ts';
import { lintTemplates } from '../counterparts/cfn-lint.ts';
import { run } from '../counterparts/install.ts';
import { cdk, localCloud } from './cdk.ts';
import { made } from './configs.ts';

const Functions = z.object({
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Properties: z.object({ Description: z.string().optional() }).loose().optional(),
      Metadata: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
});

const ENTRIES = ['plan', 'collect', 'audit', 'ai-usage', 'sweep', 'digest', 'slack', 'alarm'] as const;

let folder: string;
let out: string;
/** Where the roles of member accounts are synthesised. */
let members: string;
/** What cfn-lint finds in both templates. */
let faults: readonly string[];
/** Each function's asset, by the file under functions/. */
let assets: ReadonlyMap<Entry, string>;

/** What the config of no one has not: clicks, and alarms in Slack. */
const SLACK = `schemaVersion: 1
slack:
  token: { secret: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:slack", key: token }
  signingSecret: { secret: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:slack", key: sign }
  teamId: T012AB3CD
  appId: A012AB3CD
  channels: { digest: "#finops" }
`;

beforeAll(async () => {
  // What `npm ci` fetched; a machine that had no network then has it now, before the synthesis without one.
  fetchBinding('arm64');
  folder = await mkdtemp(join(tmpdir(), 'bursar-synth-'));
  out = join(folder, 'cdk.out');
  await cdk(['synth', '--quiet', '--output', out], await cutOff());
  assets = new Map([...(await assetsByEntry(out)), ...clicked()]);
  members = join(folder, 'members.out');
  const config = join(folder, 'stops.yaml');
  await writeFile(
    config,
    'schemaVersion: 1\nestate: { aws: { tagRole: BursarTag } }\npolicies: [{ check: "*", mode: stop }]\n',
  );
  const context = ['-c', 'member=true', '-c', `config=${config}`];
  await cdk(['synth', '--quiet', ...context, '--output', members], await cutOff());
  faults = await lintTemplates(inject('cfnLint').python, [
    join(out, 'Bursar.template.json'),
    join(members, 'BursarMemberRoles.template.json'),
  ]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** An environment without credentials, in which any connection of any Node process fails. */
async function cutOff(): Promise<NodeJS.ProcessEnv> {
  const guard = join(folder, 'no-network.cjs');
  await writeFile(
    guard,
    `const refuse = (what) => () => { throw new Error('no network here: ' + what); };
require('node:net').Socket.prototype.connect = refuse('connect');
require('node:dns').lookup = refuse('lookup');
globalThis.fetch = refuse('fetch');
`,
  );
  const { HOME, PATH, NODE_COMPILE_CACHE, CDK_VALIDATION } = localCloud('');
  return {
    HOME,
    PATH,
    CDK_VALIDATION,
    ...(NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }),
    NODE_OPTIONS: `--require ${guard}`,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/** What only Slack brings, bundled as the CDK lets it be: a second synthesis would bundle the others again. */
function clicked(): [Entry, string][] {
  const config = parseConfig(SLACK, 'slack.yaml');
  return (['slack', 'alarm'] as const).map((entry) => {
    const place = join(folder, entry);
    expect(
      new Assembled({ entry, duckdb: null, config }, join(folder, 'nothing-built')).tryBundle(place),
    ).toBe(true);
    return [entry, place];
  });
}

async function assetsByEntry(from: string): Promise<Map<Entry, string>> {
  const found = new Map<Entry, string>();
  for (const name of await readdir(from)) {
    if (!name.startsWith('asset.')) continue;
    const map = join(from, name, 'index.mjs.map');
    const { sources } = z
      .object({ sources: z.array(z.string()) })
      .parse(JSON.parse(await readFile(map, 'utf8')));
    for (const entry of ENTRIES)
      if (sources.some((source) => source.endsWith(`functions/${entry}.ts`)))
        found.set(entry, join(from, name));
  }
  return found;
}

function asset(entry: Entry): string {
  const found = assets.get(entry);
  if (found === undefined) throw new Error(`no asset of ${entry}`);
  return found;
}

async function sourcesOf(entry: Entry): Promise<string[]> {
  const map: unknown = JSON.parse(await readFile(join(asset(entry), 'index.mjs.map'), 'utf8'));
  return z.object({ sources: z.array(z.string()) }).parse(map).sources;
}

/** Packages that a bundle carries. */
async function packagesOf(entry: Entry): Promise<Set<string>> {
  const sources = await sourcesOf(entry);
  return new Set(
    sources.flatMap((source) => source.match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1] ?? []),
  );
}

/** Clients of clouds, stores and Slack in a bundle. */
async function clients(entry: Entry): Promise<string[]> {
  const wanted = /^@aws-sdk\/client-|^@slack\/web-api|^@google-cloud\/billing|^pg$/;
  return [...(await packagesOf(entry))].filter((name) => wanted.test(name));
}

async function engine(entry: Entry): Promise<boolean> {
  return (await readdir(asset(entry))).includes('node_modules');
}

describe('cdk synth, with no network, no credentials and no config', () => {
  test('the template passes cfn-lint', () => {
    // W3005: the CDK names a role as a dependency that a function's reference already implies.
    expect(faults.filter((line) => !line.startsWith(members) && !line.includes('W3005'))).toEqual([]);
  });

  test('the roles of member accounts pass it, too, and stand in a template of their own', async () => {
    const templates = (await readdir(members)).filter((name) => name.endsWith('.template.json'));
    expect(templates).toEqual(['BursarMemberRoles.template.json']);
    expect(faults.filter((line) => line.startsWith(members))).toEqual([]);
  });

  test('there really was no network', async () => {
    const connect = run(process.execPath, ['-e', "require('node:net').connect(80, '127.0.0.1')"], {
      env: await cutOff(),
    });
    await expect(connect).rejects.toThrow('no network here');
  });

  test('a wrong config fails it with the line', async () => {
    const config = join(folder, 'wrong.yaml');
    await writeFile(config, 'schemaVersion: 1\ndeploy: { architecture: arm }\n');
    const wrong = cdk(
      ['synth', '--quiet', '-c', `config=${config}`, '--output', join(folder, 'wrong.out')],
      await cutOff(),
    );
    await expect(wrong).rejects.toThrow(/wrong\.yaml:2:\d+: deploy\.architecture/);
  });

  test('six functions; without Slack none takes clicks or tells alarms, with it two do', async () => {
    const template: unknown = JSON.parse(await readFile(join(out, 'Bursar.template.json'), 'utf8'));
    const { Resources } = Functions.parse(template);
    const functions = Object.values(Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
    expect(functions).toHaveLength(6);
    expect([...(await assetsByEntry(out)).keys()].toSorted()).toEqual([
      'ai-usage',
      'audit',
      'collect',
      'digest',
      'plan',
      'sweep',
    ]);
    const { stack } = made(folder, 'with-slack', parseConfig(SLACK, 'slack.yaml'));
    expect(ENTRIES.filter((entry) => stack.deployment.workerOf(entry) === null)).toEqual(['ai-usage']);
  });
});

/** Bytes of the bundled JavaScript that a function may have: what it loads at a cold start. */
const BUDGET = {
  // The EC2 client, which lists regions, is a quarter of it.
  plan: 2_300_000,
  collect: 6_200_000,
  // What asks the lake carries the clients of engines elsewhere; it judges anomalies and budgets, too.
  audit: 2_400_000,
  sweep: 5_900_000,
  // It reads forecast, anomalies, commitments and budgets for the page.
  digest: 2_600_000,
  // EC2, which lists regions, and calendars, which keep messages to working hours.
  'ai-usage': 4_200_000,
  // A cold start has to fit into the three seconds of a click.
  slack: 750_000,
  // Most of it is the schema of the config.
  alarm: 1_400_000,
} as const satisfies Record<Entry, number>;

describe('bundles', () => {
  test.for(ENTRIES)('%s keeps within its budget', async (entry) => {
    const { size } = await stat(join(asset(entry), 'index.mjs'));
    process.stderr.write(`[bundles] ${entry}: ${(size / 1e6).toFixed(2)} MB of JavaScript\n`);
    expect(size).toBeLessThan(BUDGET[entry]);
  });

  test.for(ENTRIES)(
    '%s carries nothing of tests, the deployment, the command line or the demo',
    async (entry) => {
      const sources = await sourcesOf(entry);
      expect(sources.some((source) => source.endsWith(`functions/${entry}.ts`))).toBe(true);
      expect(sources.filter((source) => /\/(test|infra|lib\/cli|lib\/demo)\//.test(source))).toEqual([]);
      const packages = await packagesOf(entry);
      for (const name of [
        'aws-cdk-lib',
        'cdk-nag',
        'constructs',
        'vitest',
        'fast-check',
        'commander',
        'emulate',
      ])
        expect(packages).not.toContain(name);
    },
  );

  test('each carries the clients that it uses, and the engine only where it asks the lake', async () => {
    expect((await clients('plan')).toSorted()).toEqual([
      '@aws-sdk/client-dynamodb',
      '@aws-sdk/client-ec2',
      '@aws-sdk/client-organizations',
      '@aws-sdk/client-sqs',
      '@aws-sdk/client-sts',
    ]);
    // CloudWatch holds business numbers that spend is divided by, for which a role may be entered.
    expect((await clients('audit')).toSorted()).toEqual([
      '@aws-sdk/client-athena',
      '@aws-sdk/client-cloudwatch',
      '@aws-sdk/client-dynamodb',
      '@aws-sdk/client-s3',
      '@aws-sdk/client-secrets-manager',
      '@aws-sdk/client-sts',
    ]);
    expect((await clients('alarm')).toSorted()).toEqual([
      '@aws-sdk/client-dynamodb',
      '@aws-sdk/client-secrets-manager',
      '@slack/web-api',
    ]);
    expect((await clients('digest')).toSorted()).toEqual([
      '@aws-sdk/client-athena',
      '@aws-sdk/client-cloudwatch',
      '@aws-sdk/client-dynamodb',
      '@aws-sdk/client-s3',
      '@aws-sdk/client-secrets-manager',
      '@aws-sdk/client-sts',
      '@slack/web-api',
    ]);
    const carried = await Promise.all(ENTRIES.map(async (entry) => ((await engine(entry)) ? [entry] : [])));
    expect(carried.flat()).toEqual(['collect', 'audit', 'digest']);
  });

  test.for(ENTRIES)(
    '%s brings the map from its lines to ours, which names no text of them',
    async (entry) => {
      const text = await readFile(join(asset(entry), 'index.mjs'), 'utf8');
      expect(text.trimEnd().split('\n').at(-1)).toBe('//# sourceMappingURL=index.mjs.map');
      const map = z
        .object({ mappings: z.string().min(1000), sourcesContent: z.array(z.string()).optional() })
        .parse(JSON.parse(await readFile(join(asset(entry), 'index.mjs.map'), 'utf8')));
      expect(map.sourcesContent).toBeUndefined();
    },
  );

  test('an error in a bundle is told with the line of its source', async () => {
    const loaded = `const { handler } = await import(${JSON.stringify(join(asset('plan'), 'index.mjs'))});
await handler({}).catch((error) => process.stdout.write(error.stack));`;
    const stack = await run(process.execPath, ['--enable-source-maps', '--input-type=module', '-e', loaded], {
      env: { PATH: process.env['PATH'] },
    });
    expect(stack).toMatch(/lib\/run\/assemble\/deployed\.ts:\d+/);
  });

  test('DuckDB comes with the binding of the machine that runs it, and no other', async () => {
    const bindings = (await readdir(join(asset('collect'), 'node_modules/@duckdb'))).toSorted();
    expect(bindings).toEqual(['node-api', 'node-bindings', 'node-bindings-linux-arm64']);
    // EM_AARCH64 = 183 at offset 18 of an ELF header (System V ABI).
    const elf = await readFile(
      join(asset('collect'), 'node_modules/@duckdb/node-bindings-linux-arm64/duckdb.node'),
    );
    expect(elf.readUInt16LE(18)).toBe(183);
  });

  test('the whole stays below what Lambda unpacks', async () => {
    let bytes = 0;
    for (const file of await readdir(asset('collect'), { recursive: true, withFileTypes: true }))
      if (file.isFile()) bytes += (await stat(join(file.parentPath, file.name))).size;
    // 250 MB unzipped, layers included (Lambda Developer Guide, "Lambda quotas").
    expect(bytes).toBeLessThan(250_000_000);
  });

  test('the config travels with its defaults and without a secret', async () => {
    const config: unknown = JSON.parse(await readFile(join(asset('plan'), 'bursar.config.json'), 'utf8'));
    expect(config).toMatchObject({ schemaVersion: 1, sources: { 'aws-api': { type: 'aws-cost-explorer' } } });
  });
});
