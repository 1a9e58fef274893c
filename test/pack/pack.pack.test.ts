import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { run } from '../counterparts/install.ts';
import { ROOT } from '../infra/cdk.ts';
import { CONFIGS, configOf, made } from '../infra/configs.ts';
import { install, own, type Packed, packed } from './packed.ts';

/** Bytes: most is the functions, each whole, with the maps by which an error names our lines. */
const BUDGET = 20_000_000;

const Manifest = z.object({
  version: z.string(),
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
});
const manifest = Manifest.parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));

let it: Packed;
/** Where Bursar keeps what it fetched. */
let cache: string;
/** What `bursar-cdk` says to whoever has not installed the CDK. */
let alone: { status: number | null; stderr: string };
/** What a stack of Bursar's own makes of the config that the installed ones get. */
let ours: unknown;

beforeAll(async () => {
  it = await packed();
  cache = join(it.project, 'cache');
  alone = spawnSync('npx', ['bursar-cdk'], { cwd: it.project, env: own(cache), encoding: 'utf8' });
  const { 'aws-cdk-lib': cdk, constructs } = manifest.devDependencies;
  await install(it.project, `aws-cdk-lib@${cdk}`, `constructs@${constructs}`);
  const { file } = made(join(it.project, 'ours'), 'http-api', configOf(CONFIGS['http-api']));
  ours = resources(await readFile(file, 'utf8'));
});
afterAll(() => it.remove());

async function files(): Promise<string[]> {
  const all = await readdir(it.installed, { recursive: true, withFileTypes: true });
  return all.filter((file) => file.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

const inPackage = (file: string) => file.slice(it.installed.length + 1);

describe('what is packed', () => {
  test('keeps within its budget', async () => {
    const { size } = await stat(it.tarball);
    process.stderr.write(`[pack] ${(size / 1e6).toFixed(1)} MB\n`);
    expect(size).toBeLessThan(BUDGET);
  });

  test('is what was built, and documents: no sources, no tests', async () => {
    const names = (await files()).map(inPackage);
    expect(new Set(names.map((name) => name.split('/')[0]))).toEqual(
      new Set(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'docs', 'package.json']),
    );
    expect(names.filter((name) => name.endsWith('.ts'))).toEqual(['dist/cdk/index.d.ts']);
    expect(names).toEqual(
      expect.arrayContaining([
        'dist/THIRD-PARTY.txt',
        'dist/sbom.cdx.json',
        'dist/bin.cjs',
        'dist/cdk/bin.cjs',
      ]),
    );
  });

  test('names nothing of the machine that built it', async () => {
    const all = await files();
    expect(all.length).toBeGreaterThan(100);
    for (const file of all) {
      const text = await readFile(file, 'latin1');
      for (const place of [`${ROOT}/`, `${homedir()}/.`, it.project])
        expect({ file: inPackage(file), place, named: text.includes(place) }).toMatchObject({ named: false });
    }
  });

  test('maps lead to our files by relative names and bring no text of them', async () => {
    const maps = (await files()).filter((file) => file.endsWith('.map'));
    expect(maps.map(inPackage)).toContain('dist/cdk/functions/collect/index.mjs.map');
    for (const map of maps) {
      const { sources, sourcesContent } = z
        .object({ sources: z.array(z.string()), sourcesContent: z.array(z.unknown()).optional() })
        .parse(JSON.parse(await readFile(map, 'utf8')));
      expect(sourcesContent).toBeUndefined();
      expect(sources.filter((source) => isAbsolute(source) || /\/test\//.test(source))).toEqual([]);
      const from = join(ROOT, dirname(inPackage(map)));
      const ofOurs = sources.filter((source) => !source.includes('node_modules/'));
      expect(ofOurs.filter((source) => !existsSync(join(from, source)))).toEqual([]);
    }
  });

  test('the command line loads nothing of the CDK, and no package that only tests need', async () => {
    for (const file of (await files()).filter((name) => /\.(js|mjs|cjs)$/.test(name))) {
      const text = await readFile(file, 'utf8');
      const name = inPackage(file);
      expect({ name, tests: /iam-simulate|fast-check|"vitest/.test(text) }).toEqual({ name, tests: false });
      const deploys = name.startsWith('dist/cdk/');
      expect({ name, cdk: !deploys && /from ?"(aws-cdk-lib|constructs)/.test(text) }).toEqual({
        name,
        cdk: false,
      });
    }
  });

  test('says exactly what it needs, and the bill of materials names it', async () => {
    for (const [name, version] of Object.entries(manifest.dependencies))
      expect(`${name} ${version}`).toMatch(/ \d+\.\d+\.\d+(-[\w.]+)?$/);
    const bom = z
      .object({
        bomFormat: z.literal('CycloneDX'),
        specVersion: z.string(),
        serialNumber: z.string().regex(/^urn:uuid:/),
        components: z.array(
          z.object({
            name: z.string(),
            version: z.string(),
            purl: z.string(),
            hashes: z.array(z.object({ alg: z.string(), content: z.string() })),
          }),
        ),
      })
      .parse(JSON.parse(await readFile(join(it.installed, 'dist/sbom.cdx.json'), 'utf8')));
    const listed = bom.components.map(({ purl }) => decodeURIComponent(purl));
    for (const [name, version] of Object.entries(manifest.dependencies))
      expect(listed).toContain(`pkg:npm/${name}@${version}`);
    expect(bom.components.filter(({ name }) => name.endsWith('iam-simulate'))).toEqual([]);
  });
});

describe('the installed command line', () => {
  test('prints its help and its version', async () => {
    expect(await run('npx', ['bursar', '--help'], { cwd: it.project, env: own(cache) })).toMatch(
      /^Usage: bursar /,
    );
    expect(await run('npx', ['bursar', '--version'], { cwd: it.project, env: own(cache) })).toBe(
      `${manifest.version}\n`,
    );
  });

  test('audits the made-up company', async () => {
    const said = await run('npx', ['bursar', 'demo'], { cwd: it.project, env: own(cache) });
    expect(said).toContain('Waste');
    const written = await readdir(join(it.project, 'bursar-demo'));
    expect(written).toEqual(expect.arrayContaining(['report.html', 'week.txt', 'slack']));
    expect(await readFile(join(it.project, 'bursar-demo/report.html'), 'utf8')).toContain('Apache ECharts');
  });
});

/** An app of someone's own, in a stack of the same name and place as Bursar's own. */
const APP = `import { existsSync, readFileSync } from 'node:fs';
import { App, Stack } from 'aws-cdk-lib';
import { BursarAuditor } from 'bursar/cdk';
const app = new App({ outdir: process.argv[2] });
const stack = new Stack(app, 'Bursar', { env: { account: '111122223333', region: 'eu-central-1' } });
const auditor = new BursarAuditor(stack, process.argv[4] ?? 'Default', { config: process.argv[3] });
console.log(Object.keys(auditor.functions).join(' '), auditor.slackUrl === null);
app.synth();
`;

/** The same for all but where the code of functions lies, which is its checksum, and what the stack is called by people. */
function resources(text: string): unknown {
  const { Resources, Outputs } = z
    .object({ Resources: z.unknown(), Outputs: z.unknown() })
    .parse(JSON.parse(text));
  return JSON.parse(
    JSON.stringify({ Resources, Outputs }, (key, value: unknown) =>
      key === 'S3Key' ? 'code' : /^aws:(asset|cdk):/.test(key) ? undefined : value,
    ),
  );
}

/** Of a stack at which the CDK looked by CloudFormation's rules when it was first made. */
const JUDGED_BEFORE = { CDK_VALIDATION: 'false' };

async function synth(outdir: string, config: string, more: NodeJS.ProcessEnv = {}, id = 'Default') {
  await writeFile(join(it.project, 'app.mjs'), APP);
  await writeFile(join(it.project, 'own.yaml'), `schemaVersion: 1\n${config}`);
  return await run(process.execPath, ['app.mjs', join(it.project, outdir), 'own.yaml', id], {
    cwd: it.project,
    env: own(cache, more),
  });
}

describe('the installed construct', () => {
  const SLACK = CONFIGS['http-api'];

  test('without a network, and nothing fetched before, says what is missing', async () => {
    const npm = join(it.project, 'no-npm');
    await mkdir(npm);
    await writeFile(join(npm, 'npm'), '#!/bin/sh\necho "npm error network" >&2\nexit 1\n', { mode: 0o755 });
    const failed = synth('nothing.out', '', { PATH: npm });
    await expect(failed).rejects.toThrow(/binding for linux-arm64 could not be fetched/);
    await expect(failed).rejects.toThrow(/Synthesise once with a network/);
  });

  test('makes what a stack of Bursar’s own makes, of functions that come built', async () => {
    expect(await synth('own.out', SLACK)).toBe('plan collect audit sweep digest slack alarm false\n');
    expect(resources(await readFile(join(it.project, 'own.out/Bursar.template.json'), 'utf8'))).toEqual(ours);

    const assets = (await readdir(join(it.project, 'own.out'))).filter((name) => name.startsWith('asset.'));
    expect(assets).toHaveLength(7);
    const held = await Promise.all(
      assets.map(async (name) => (await readdir(join(it.project, 'own.out', name))).toSorted()),
    );
    const base = ['bursar.config.json', 'index.mjs', 'index.mjs.map'];
    for (const names of held) expect(names).toEqual(expect.arrayContaining(base));
    const withLake = held.filter((names) => names.includes('node_modules'));
    expect(withLake).toHaveLength(3);
    expect(held.filter((names) => names.includes('query-child.mjs')).length).toBeGreaterThan(0);
    expect(held.filter((names) => names.includes('report-page.js'))).toHaveLength(1);
    const places = assets.map((name) => join(it.project, 'own.out', name));
    const binding = 'node_modules/@duckdb/node-bindings-linux-arm64/duckdb.node';
    const [bound, unbound] = [true, false].map((has) =>
      places.filter((place) => existsSync(join(place, binding)) === has),
    );
    expect(bound).toHaveLength(3);
    for (const place of bound ?? []) {
      const elf = await readFile(join(place, binding));
      // EM_AARCH64 = 183 at offset 18 of an ELF header (System V ABI).
      expect(elf.readUInt16LE(18)).toBe(183);
    }
    // What a function needs lies in its asset: it loads where nothing else is.
    for (const place of unbound ?? []) {
      const loads = `const { handler } = await import(${JSON.stringify(join(place, 'index.mjs'))}); process.stdout.write(typeof handler);`;
      const kind = await run(process.execPath, ['--input-type=module', '-e', loads], { cwd: '/' });
      expect(kind).toBe('function');
    }
  });

  test('needs no network the next time, and stands beside what else a stack holds', async () => {
    const guard = join(it.project, 'no-network.cjs');
    await writeFile(
      guard,
      `require('node:net').Socket.prototype.connect = () => { throw new Error('no network here'); };`,
    );
    await synth('again.out', '', { NODE_OPTIONS: `--require ${guard}`, ...JUDGED_BEFORE }, 'Finops');
    const { Outputs } = z
      .object({ Outputs: z.record(z.string(), z.unknown()) })
      .parse(JSON.parse(await readFile(join(it.project, 'again.out/Bursar.template.json'), 'utf8')));
    expect(Object.keys(Outputs)).toContainEqual(expect.stringMatching(/^FinopsBucketName/));
  });

  test.for([
    ['an unknown key', 'deploi: {}', /own\.yaml:2:1: .*deploi/],
    [
      'another region than the stack’s',
      'deploy: { region: us-east-1 }',
      /the config says us-east-1, and the stack goes to eu-central-1/,
    ],
  ] as const)('refuses %s', async ([, config, told]) => {
    await expect(synth('wrong.out', `${config}\n`)).rejects.toThrow(told);
  });

  test('is declared for TypeScript', async () => {
    const folder = join(it.project, 'typed');
    await mkdir(folder);
    const consumer = `import { App, Stack } from 'aws-cdk-lib';
import { BursarAuditor, type BursarAuditorProps } from 'bursar/cdk';
const props: BursarAuditorProps = { config: { schemaVersion: 1 } };
const auditor = new BursarAuditor(new Stack(new App(), 'Own'), 'Bursar', props);
auditor.bucket.grantRead;
export const url: string | null = auditor.slackUrl;
`;
    const compilerOptions = {
      module: 'nodenext',
      strict: true,
      noEmit: true,
      target: 'es2022',
      skipLibCheck: true,
      types: [],
    };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
    await writeFile(join(folder, 'app.ts'), consumer);
    await writeFile(join(folder, 'wrong.ts'), consumer.replace('{ schemaVersion: 1 }', '1'));
    const told = await run(join(ROOT, 'node_modules/.bin/tsc'), ['-p', folder]).then(
      () => '',
      (error: unknown) => String(error),
    );
    expect(told.split('\n').filter((line) => line.includes('error TS'))).toEqual([
      expect.stringMatching(/wrong\.ts\(3,\d+\): error TS2322/),
    ]);
  });
});

describe('the CDK’s command line from an installed package', () => {
  test('is told what to install', () => {
    expect(alone.stderr).toContain('npm install aws-cdk aws-cdk-lib constructs');
    expect(alone.status).toBe(2);
  });

  test('synthesises the same stack, with no app of one’s own', async () => {
    await writeFile(join(it.project, 'own.yaml'), `schemaVersion: 1\n${CONFIGS['http-api']}`);
    await run(
      join(ROOT, 'node_modules/.bin/cdk'),
      [
        'synth',
        '--quiet',
        '--ci',
        '--no-notices',
        // What the command line adds to any template, and the app of the test above has not.
        '--no-path-metadata',
        '--no-asset-metadata',
        '--no-version-reporting',
        '--app',
        'npx bursar-cdk',
        '-c',
        'config=own.yaml',
        '--output',
        'app.out',
      ],
      { cwd: it.project, env: own(cache, JUDGED_BEFORE) },
    );
    expect(resources(await readFile(join(it.project, 'app.out/Bursar.template.json'), 'utf8'))).toEqual(ours);
  });
});
