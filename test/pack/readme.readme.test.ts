import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { run } from '../counterparts/install.ts';
import { slackCalls } from '../counterparts/slack.control.ts';
import { recentBill } from '../functions/recent-bill.ts';
import { ACCOUNT, ARCHITECTURE, localCloud, REGION, ROOT } from '../infra/cdk.ts';
import { logged } from '../infra/function-logs.ts';
import { isInstalledHere, linkPackages } from './linked.ts';

const endpoint = inject('ministackUrl');
const slack = inject('slack');
const client = { endpoint, region: REGION, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
const PATIENCE_MS = 900_000;

let folder: string;
let clone: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bursar-readme-'));
  clone = join(folder, 'bursar');
  await writeFile(join(folder, 'gitconfig'), '[safe]\n\tdirectory = *\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The section's blocks of one language, in order. */
async function blocks(language: string): Promise<string[]> {
  const readme = await readFile(join(clone, 'README.md'), 'utf8');
  const section = /\n## Deploy it\n([\s\S]*?)\n## /.exec(readme)?.[1] ?? '';
  return [...section.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, text = '']) => text.trim(),
  );
}

/** As someone types it, in the clone where no other place is said; its output is in the failure. */
async function typed(line: string, cwd = clone): Promise<void> {
  await run('sh', ['-c', line], { cwd, env: environment() });
}

/**
 * As someone types it. But for CI's runs, what `npm ci` would unpack is not unpacked a second time where it lies here:
 * npm only says whether it would, and does what comes after it.
 */
async function prepared(line: string): Promise<void> {
  if (line !== 'npm ci' || process.env['CI'] === 'true' || !(await isInstalledHere(clone)))
    return await typed(line);
  await linkPackages(clone);
  await typed(`${line} --dry-run`);
}

/** The commit of this checkout, as a clone brings it; where it came as files alone, those. */
async function cloned(): Promise<void> {
  if (existsSync(join(ROOT, '.git'))) return await typed(`git clone --quiet "${ROOT}" "${clone}"`, folder);
  const own = ['node_modules', 'dist', 'cdk.out'].map((name) => join(ROOT, name));
  await cp(ROOT, clone, { recursive: true, filter: (from) => !own.includes(from) });
}

/**
 * Of whoever runs these tests (their registry, proxy and certificates), with the cloud of these tests and
 * without what a script of this checkout adds: its commands, its folder, its test runner.
 */
function environment(): NodeJS.ProcessEnv {
  // What the CDK looks at by itself it looks at here, too.
  const { PATH = '', CDK_VALIDATION: _, ...cloud } = localCloud(endpoint);
  const foreign =
    /^(AWS_|CDK_|VITEST|NODE_ENV$|NODE_OPTIONS$|INIT_CWD$|npm_(package|lifecycle|config_local_prefix))/;
  const theirs = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return {
    ...Object.fromEntries(theirs),
    ...cloud,
    PATH: PATH.split(':')
      .filter((place) => !place.startsWith(`${ROOT}/`) || !place.endsWith('/.bin'))
      .join(':'),
    npm_config_prefer_offline: 'true',
    npm_config_audit: 'false',
    // A checkout may belong to another user than the one who tests it.
    GIT_CONFIG_GLOBAL: join(folder, 'gitconfig'),
  };
}

/** What AWS's own command line would do; it is not among the tools of these tests. */
async function createSecret(line: string): Promise<string> {
  const [, name, text] =
    /^aws secretsmanager create-secret --name (\S+) --secret-string '(.+)'$/.exec(line) ?? [];
  const keys = Object.keys(z.record(z.string(), z.string()).parse(JSON.parse(text ?? '')));
  expect(keys).toEqual(['token', 'signing']);
  const { ARN } = await new SecretsManagerClient(client).send(
    new CreateSecretCommand({
      Name: name,
      SecretString: JSON.stringify({ token: slack.token, signing: 'the-signing-secret' }),
    }),
  );
  return z.string().parse(ARN);
}

test(
  'a new user follows the section word by word: from the clone to the first digest in Slack',
  async () => {
    await cloned();
    const s3 = new S3Client({ ...client, forcePathStyle: true });
    const resource = {
      SubAccountId: ACCOUNT,
      ResourceId: `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/i-0abc`,
      RegionId: REGION,
    };
    await s3.send(new CreateBucketCommand({ Bucket: 'acme-billing' }));
    await s3.send(
      new PutObjectCommand({
        Bucket: 'acme-billing',
        Key: 'focus/november.csv',
        Body: await recentBill(resource, new Date()),
      }),
    );

    const [prepare = '', deploy = ''] = await blocks('sh');
    let secret = '';
    for (const line of prepare.split('\n'))
      if (line.startsWith('aws ')) secret = await createSecret(line);
      else await prepared(line);

    const [config = ''] = await blocks('yaml');
    // Their own values; times that come at once; the machine and the Slack of these tests.
    const own = config
      .replaceAll(/arn:aws:secretsmanager:[^"]+/g, secret)
      .replace('T012AB3CD', 'T000000001')
      .replace('C012AB3CD', slack.channel)
      .replace('"Mon 09:00"', 'rate(1 minute), period: day')
      .replace('slack:\n', `slack:\n  endpoint: "${slack.url}"\n`)
      .concat(
        `\nestate: { aws: { regions: [${REGION}] } }\ndeploy: { architecture: ${ARCHITECTURE}, schedules: { collect: rate(1 minute), audit: rate(1 minute) } }\n`,
      );
    await writeFile(join(clone, 'bursar.yaml'), own);
    for (const line of deploy.split('\n')) await typed(`${line} --require-approval never`);

    expect(JSON.stringify(await firstPost())).toContain('Acme');
  },
  2 * PATIENCE_MS,
);

/** What the first message in the channel was sent with. */
async function firstPost(): Promise<unknown> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const calls = await slackCalls(slack.control);
    const posted = calls.find(
      ({ method, ok, args }) => method === 'chat.postMessage' && ok && args['channel'] === slack.channel,
    );
    if (posted !== undefined) return posted.args;
    if (performance.now() > deadline) {
      const faults = await logged(new CloudWatchLogsClient(client), 'Bursar', '', '"level":"error"');
      throw new Error(
        ['there never was a digest in Slack; the functions’ last errors:', ...faults.slice(-5)].join('\n'),
      );
    }
    await pause(1_000);
  }
}
