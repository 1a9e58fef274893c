import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build, type Metafile } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
/** Bytes that the handler may have: a cold start has to fit into the three seconds of a click. */
const MOST = 700_000;

let folder: string;
let file: string;
let meta: Metafile;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bursar-bundle-'));
  file = join(folder, 'index.mjs');
  // As infra/worker.ts bundles it.
  const built = await build({
    absWorkingDir: ROOT,
    entryPoints: ['functions/slack.ts'],
    outfile: file,
    bundle: true,
    minify: true,
    metafile: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    mainFields: ['module', 'main'],
    banner: {
      js: "import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);",
    },
  });
  meta = built.metafile;
});
afterAll(() => rm(folder, { recursive: true }));

describe('the click handler', () => {
  test('is at most 700 KB', () => {
    const [output] = Object.values(meta.outputs);
    expect(output?.bytes).toBeLessThanOrEqual(MOST);
  });

  test('holds nothing that can stop anything, no lake and no calendar', () => {
    const inputs = Object.entries(Object.values(meta.outputs)[0]?.inputs ?? {})
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([path]) => path);
    const barred =
      /@duckdb|client-(ec2|s3|sqs|cloudwatch|cost|organizations|auto|eks|sagemaker)|google|date-holidays|lib\/(actions|lake|estate|sources)\//;
    expect(inputs.filter((path) => barred.test(path))).toEqual([]);
  });

  test('starts, and refuses to without a secret that clicks can be verified with', async () => {
    const script = `
      const { writeFileSync } = await import('node:fs');
      writeFileSync(process.env.BURSAR_CONFIG, JSON.stringify({
        schemaVersion: 1,
        organisation: { timezone: 'UTC' },
        owners: { accounts: {} },
        slack: { token: { env: 'TOKEN' }, signingSecret: { env: 'SECRET' }, teamId: 'T1', appId: 'A1',
          channels: {}, admins: [], approvers: [], mostSnoozes: 3, mostExemptDays: 180 },
      }));
      const { handler } = await import(process.argv[1]);
      const event = { requestContext: { http: { method: 'POST' } }, headers: {}, body: 'cGF5bG9hZA==', isBase64Encoded: true };
      try { console.log((await handler(event)).statusCode) } catch (error) { console.log(error.message) }`;
    const run = async (SECRET: string): Promise<string> => {
      const env = {
        ...process.env,
        BURSAR_CONFIG: join(folder, 'config.json'),
        BURSAR_TABLE: 'bursar',
        BURSAR_BUCKET_DOMAIN: 'bucket.s3.us-east-1.amazonaws.com',
        BURSAR_REPORTS: 'reports/',
        AWS_REGION: 'us-east-1',
        TOKEN: 'xoxb-test',
        SECRET,
      };
      const args = ['--input-type=module', '-e', script, file];
      const { stdout } = await promisify(execFile)(process.execPath, args, { env });
      return stdout.trim().split('\n').at(-1) ?? '';
    };
    expect(await run('a secret')).toBe('401');
    expect(await run(' ')).toContain('signing secret of Slack is empty');
  });
});
