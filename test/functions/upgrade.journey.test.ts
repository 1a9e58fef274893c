import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateVolumeCommand, DescribeSnapshotsCommand, DescribeVolumesCommand } from '@aws-sdk/client-ec2';
import type { Plugin } from 'esbuild';
import { afterAll, beforeAll, beforeEach, expect, inject, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { bundleFunction } from '../../infra/bundle.ts';
import { ROW_VERSION } from '../../lib/ledger/rows.ts';
import { resetSlack } from '../counterparts/slack.control.ts';
import { type Answer, proxy, type Request } from '../estate/aws/emulated.ts';
import { goAhead } from './ahead.ts';
import { started, withFunctions } from './built.ts';
import { type Cloud, cloud } from './cloud.ts';

withFunctions();

/*
 * A sweep of one version ends half-way, and one of another goes on: two bundles as they are deployed, of which the next
 * writes rows of a newer schemaVersion, over one table of DynamoDB Local and one EC2. A stop takes two calls here, a
 * snapshot and a deletion, so that there is a middle to be cut off in.
 */

const moto = inject('motoUrl');
const slack = inject('slack');
const HOUR = 3_600_000;
const NEXT = ROW_VERSION + 1;
/** The only line by which the next version differs. */
const LINE = `export const ROW_VERSION = ${ROW_VERSION};`;
const next: Plugin = {
  name: 'next version',
  setup: (build) =>
    build.onLoad({ filter: /lib\/ledger\/rows\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      if (!text.includes(LINE)) throw new Error(`${path} no longer says ${LINE}`);
      return { loader: 'ts', contents: text.replace(LINE, `export const ROW_VERSION = ${NEXT};`) };
    }),
};

let folder = '';
type Version = 'now' | 'next';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bursar-upgrade-'));
  await bundleFunction('sweep', false, join(folder, 'now'));
  await bundleFunction('sweep', false, join(folder, 'next'), [next]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(() => resetSlack(slack.control));

const Swept = z.object({
  done: z.record(z.string(), z.number()),
  faults: z.array(z.string()),
});
/** With the lines that it logged of stops that failed. */
type Ended = z.infer<typeof Swept> & { readonly failed: string[] };

/** Starts the built sweep in a process of its own, so many hours ahead of this machine. */
function begin(version: Version, hours: number, ec2: string): ChildProcess {
  return fork(
    join(import.meta.dirname, '../bench/handler-child.ts'),
    [join(folder, version, 'index.mjs'), '[{}]'],
    {
      env: { ...process.env, AWS_ENDPOINT_URL_EC2: ec2, BURSAR_TEST_AHEAD: String(hours * HOUR) },
      execArgv: [
        '--disable-warning=ExperimentalWarning',
        '--enable-source-maps',
        '--import',
        join(import.meta.dirname, 'clock.mjs'),
      ],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  );
}

/** What it answers, or what it ended with. */
async function ended(child: ChildProcess): Promise<Ended | string> {
  let told = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (told += text));
  return await new Promise((resolve) => {
    child.on('message', (message) => {
      const { answers } = z.object({ answers: z.tuple([z.unknown()]) }).parse(message);
      const failed = told.split('\n').filter((line) => line.includes('"message":"stop failed"'));
      resolve({ ...Swept.parse(answers[0]), failed });
      child.kill();
    });
    child.on('exit', (code, signal) => resolve(signal === 'SIGKILL' ? 'killed' : `${code}: ${told}`));
  });
}

const swept = (version: Version, hours: number, ec2 = moto) => ended(begin(version, hours, ec2));

/** Volumes that are attached to nothing, and a Bursar that may delete them six hours after their owner was told. */
async function company(): Promise<Cloud & { volume(): Promise<string>; look(hours: number): Promise<void> }> {
  vi.stubEnv('SLACK_TOKEN', slack.token);
  const acme = await cloud(
    moto,
    async () => `organisation: { name: Upgraded }
estate: { aws: { regions: [us-east-1] } }
checks: { unattached-volume: { minAge: 1h } }
owners: { tags: [owner], domains: [example.com] }
policies: [{ check: unattached-volume, mode: stop, grace: 6h }]
guards: { canary: false }
slack: { token: { env: SLACK_TOKEN }, teamId: T000000001, appId: A0BURSAR, channels: { digest: ${slack.channel}, team: ${slack.channel} }, endpoint: "${slack.url}" }
`,
    inject('dynamodbUrl'),
  );
  return {
    ...acme,
    async volume() {
      const { VolumeId } = await acme.ec2.send(
        new CreateVolumeCommand({
          AvailabilityZone: 'us-east-1a',
          Size: 8,
          TagSpecifications: [
            { ResourceType: 'volume', Tags: [{ Key: 'owner', Value: 'owner@example.com' }] },
          ],
        }),
      );
      return z.string().parse(VolumeId);
    },
    async look(hours) {
      goAhead(hours);
      acme.cold();
      await (await started('plan')).handler();
      await acme.drain();
      await (await started('audit')).handler();
      goAhead(0);
    },
  };
}

/** The finding of each volume, as the table has it: state and schemaVersion, by the volume's id. */
async function rows(acme: Cloud): Promise<Record<string, string>> {
  const Row = z.object({
    schemaVersion: z.number(),
    finding: z.object({ resourceId: z.string(), state: z.string() }),
  });
  return Object.fromEntries(
    (await acme.items()).flatMap((item) => {
      if (!String(item['pk']).startsWith('FINDING#')) return [];
      const { schemaVersion, finding } = Row.parse(item);
      const volume = /volume\/(.+)$/.exec(finding.resourceId)?.[1];
      return volume === undefined ? [] : [[volume, `${finding.state} ${schemaVersion}`]];
    }),
  );
}

const volumes = async ({ ec2 }: Cloud) =>
  (await ec2.send(new DescribeVolumesCommand({}))).Volumes?.map(({ VolumeId }) => VolumeId) ?? [];

/** How many snapshots there are of each volume. */
async function snapshots({ ec2 }: Cloud, ids: readonly string[]): Promise<number[]> {
  const { Snapshots = [] } = await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
  return ids.map((id) => Snapshots.filter(({ VolumeId }) => VolumeId === id).length);
}

const never = () => new Promise<never>(() => {});

test('a stop that one version began is ended by the next, once; going back leaves its rows alone, and going forth again loses nothing', async () => {
  const acme = await company();
  const [first, second] = [await acme.volume(), await acme.volume()];
  await acme.look(2);
  expect(await swept('now', 2)).toMatchObject({ faults: [], done: { warned: 2 } });
  expect(await rows(acme)).toEqual({
    [first]: `WARNED ${ROW_VERSION}`,
    [second]: `WARNED ${ROW_VERSION}`,
  });

  // When it is due: of the first nothing has happened yet, of the second everything, when the process is gone.
  let victim: ChildProcess | null = null;
  const asked = Promise.withResolvers<void>();
  const deleted: string[] = [];
  const meddle = async ({ action, body }: Request, pass: () => Promise<Answer>): Promise<Answer | null> => {
    const of = new URLSearchParams(body).get('VolumeId') ?? '';
    if (action === 'CreateSnapshot' && of === first && victim !== null) {
      asked.resolve();
      return await never();
    }
    if (action !== 'DeleteVolume') return null;
    const answer = await pass();
    deleted.push(of);
    if (victim === null) return answer;
    await asked.promise;
    victim.kill('SIGKILL');
    return await never();
  };
  const ec2 = await proxy(moto, meddle);
  onTestFinished(() => ec2.close());
  victim = begin('now', 9, ec2.url);
  expect(await ended(victim)).toBe('killed');
  victim = null;
  expect(deleted).toEqual([second]);
  expect(await rows(acme)).toEqual({
    [first]: `STOPPING ${ROW_VERSION}`,
    [second]: `STOPPING ${ROW_VERSION}`,
  });

  // The next version is deployed at once: it takes neither up before the time of the other's claim is over.
  expect(await swept('next', 9, ec2.url)).toEqual({ faults: [], done: {}, failed: [] });
  expect(deleted).toEqual([second]);
  expect(await swept('next', 10, ec2.url)).toMatchObject({ faults: [], failed: [], done: { stopped: 2 } });
  expect(deleted).toEqual([second, first]);
  expect(await volumes(acme)).toEqual([]);
  expect(await snapshots(acme, [first, second])).toEqual([1, 1]);
  const stopped = { [first]: `STOPPED ${NEXT}`, [second]: `STOPPED ${NEXT}` };
  expect(await rows(acme)).toEqual(stopped);

  // Back: bills and estate are looked at and judged, what the newer one wrote stays as it is and is told, and the sweep
  // ends before it does anything, since what it writes down first is of the newer one, too.
  const third = await acme.volume();
  await acme.look(12);
  const before = await acme.items();
  expect(await swept('now', 12, ec2.url)).toContain(
    `has schemaVersion ${NEXT}, newer than this version's ${ROW_VERSION}`,
  );
  expect(await acme.items()).toEqual(before);
  expect(await rows(acme)).toEqual({ ...stopped, [third]: `NOTIFY_PENDING ${ROW_VERSION}` });
  expect(await volumes(acme)).toEqual([third]);
  expect(await acme.ledger.newer()).toHaveLength(2);

  // And forth again: it goes on where it stood, with what the former one found.
  expect(await swept('next', 13, ec2.url)).toMatchObject({ faults: [], done: { warned: 1 } });
  expect(await swept('next', 20, ec2.url)).toMatchObject({ faults: [], failed: [], done: { stopped: 1 } });
  expect(await rows(acme)).toEqual({ ...stopped, [third]: `STOPPED ${NEXT}` });
  expect(deleted).toEqual([second, first, third]);
  expect(await snapshots(acme, [first, second, third])).toEqual([1, 1, 1]);
});
