import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeVolumesCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import Ajv2020 from 'ajv/dist/2020.js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import type { Estimated } from '../../lib/run/estimate.ts';
import type { AuditResult } from '../../lib/run/model.ts';
import { auditJsonSchema } from '../../lib/run/schema.ts';
import { queueCostAndUsage, resetMoto } from '../counterparts/moto.ts';
import {
  AMBIENT,
  type Answer,
  ec2Refusal,
  jsonRefusal,
  OTHER,
  OWN,
  type Proxy,
  proxy,
  type Request,
  session,
  stsRefusal,
} from '../estate/aws/emulated.ts';
import { halfHours, launch, publish } from '../estate/aws/fleet.ts';
import { type PriceListFake, priceListFake } from '../estate/aws/price-list.ts';
import { inOrder } from '../sources/aws-cost-explorer/bill.ts';
import { bursar, folder } from './bursar.ts';
import { type Warm, warm } from './warm.ts';

const moto = inject('motoUrl');
/** Instances of the emulator start now: a look eight days ahead sees machines of a week. */
const DAYS = 86_400_000;
const at = new Date(Math.floor(Date.now() / 1000) * 1000 + 8 * DAYS);
const now = ['--now', at.toISOString()];
const later = ['--now', new Date(at.getTime() + 3_600_000).toISOString()];
const ENABLED = ['us-east-1', 'eu-west-1'];
const open: Proxy[] = [];

/** What the emulator has no answer for. */
let prices: PriceListFake;
let cli: Warm;
beforeAll(async () => {
  cli = await warm(tmpdir());
  prices = await priceListFake([
    {
      sku: 'T4LINUX',
      service: 'AmazonEC2',
      region: 'us-east-1',
      usagetype: 'BoxUsage:g4dn.xlarge',
      operation: 'RunInstances',
      unit: 'Hrs',
      tiers: { '0': '0.5260000000' },
    },
  ]);
});
afterAll(async () => {
  await cli[Symbol.asyncDispose]();
  await prices[Symbol.asyncDispose]();
});
beforeEach(() => resetMoto(moto));
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

function keys(endpoint = moto): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ENDPOINT_URL_PRICING: prices.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: AMBIENT.accessKeyId,
    AWS_SECRET_ACCESS_KEY: AMBIENT.secretAccessKey,
  };
}

async function behind(
  meddle: (request: Request, pass: (body?: string) => Promise<Answer>) => Promise<Answer | null>,
): Promise<string> {
  const made = await proxy(moto, meddle);
  open.push(made);
  return made.url;
}

function parsed(stdout: string): AuditResult {
  const value = JSON.parse(stdout);
  const valid = new Ajv2020.default({ strict: true }).compile(auditJsonSchema());
  valid(value);
  expect(valid.errors ?? []).toEqual([]);
  return value;
}

/** Calls before and beside the look at a region. */
const OF_THE_BILL = /^GetC/;

/** What each protocol of AWS says of a token that has expired. */
function expiry({ body, headers, query }: Request): Answer {
  const said = 'The security token included in the request is expired';
  if (body.includes('Version=2016-11-15')) return ec2Refusal('RequestExpired', 'Request has expired.');
  if (query.includes('ListBuckets'))
    return {
      status: 400,
      type: 'application/xml',
      body: `<Error><Code>ExpiredToken</Code><Message>${said}</Message></Error>`,
    };
  return headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true
    ? stsRefusal('ExpiredToken', said, 400)
    : jsonRefusal('ExpiredTokenException', said);
}

/** A config of these accounts in two regions. */
function config(accounts: readonly string[]): string {
  return `schemaVersion: 1\nestate: { aws: { accounts: ${JSON.stringify(accounts)}, regions: [us-east-1, eu-west-1] } }\n`;
}

/** What stays the same from look to look: all but the time of the look and the windows of its evidence. */
function lasting(findings: AuditResult['findings']) {
  return findings.map(({ lastSeen: _lastSeen, evidence: _evidence, ...same }) => same);
}

const TAGS = { team: 'search', env: 'prod', owner: 'ana@acme.example' };

/** Four GPU machines: idle, busy, without an agent, idle and untagged; gives their ids. */
async function seed() {
  const { ec2, cloudwatch } = session(moto);
  const one = async (tags: Record<string, string>) =>
    (await launch(ec2, 'g4dn.xlarge', 1, tags))[0]?.id ?? '';
  const machines = {
    idle: await one({ Name: 'idle', ...TAGS }),
    busy: await one({ Name: 'busy', ...TAGS }),
    silent: await one({ Name: 'silent', ...TAGS }),
    bare: await one({}),
  };
  // Up to the later look: an hour of which nothing came is no hour at rest.
  const hours = halfHours(new Date(at.getTime() + 3_600_000), 169);
  const agent = async (id: string, metric: string, value: number) =>
    publish(
      cloudwatch,
      'CWAgent',
      `nvidia_smi_${metric}`,
      { InstanceId: id, index: '0', name: 'Tesla T4', arch: 'Turing' },
      hours.map((hour) => ({ at: hour, value })),
    );
  for (const [id, use] of [
    [machines.idle, 0],
    [machines.busy, 91],
    [machines.bare, 1],
  ] as const) {
    await agent(id, 'utilization_gpu', use);
    await agent(id, 'memory_used', use > 50 ? 14_000 : 120);
    await publish(
      cloudwatch,
      'AWS/EC2',
      'GPUPowerUtilization',
      { InstanceId: id },
      hours.map((hour) => ({ at: hour, value: use > 50 ? 88 : 12 })),
    );
  }
  const yesterday = new Date(at.getTime() - DAYS).toISOString().slice(0, 10);
  const tomorrow = new Date(Date.parse(yesterday) + DAYS).toISOString().slice(0, 10);
  const days = { start: yesterday, end: tomorrow };
  const bill = inOrder(
    [
      {
        day: yesterday,
        account: OWN,
        service: 'Amazon Elastic Compute Cloud - Compute',
        billed: '50.5',
        effective: '48.123456789',
      },
    ],
    days,
  );
  // The newest two periods, the one before them, and at the next look the newest again.
  await queueCostAndUsage(moto, [...bill, { ResultsByTime: [] }, { ResultsByTime: [] }, ...bill]);
  return machines;
}

describe('bursar audit --aws', () => {
  test('finds exactly what was seeded, says what it cost, and again changes nothing but lastSeen', async () => {
    const here = await folder();
    const machines = await seed();
    await writeFile(
      join(here, 'bursar.yaml'),
      'schemaVersion: 1\nowners: { tags: [owner], domains: [acme.example] }\n' +
        'checks: { untagged: { required: [owner, team] } }\n',
    );
    const command = ['audit', '--aws', '--regions', 'us-east-1', '--format', 'json'];
    const first = parsed(await cli.bursarOk([...command, ...now], here, keys()));
    // The disks that machines bring along carry no tag of their own.
    const { Volumes = [] } = await session(moto).ec2.send(new DescribeVolumesCommand({}));
    const disks = Volumes.flatMap(({ VolumeId }) => VolumeId ?? []);
    expect(disks).toHaveLength(4);
    const brief = first.findings.map(
      ({ check, resourceId, verdict, owner }) =>
        `${check} ${resourceId.slice('arn:aws:ec2:us-east-1:123456789012:'.length)} ${verdict} ${owner?.id ?? 'nobody'}`,
    );
    expect(brief.toSorted()).toEqual(
      [
        `idle-gpu instance/${machines.idle} IDLE ana@acme.example`,
        `idle-gpu instance/${machines.bare} IDLE nobody`,
        `idle-gpu instance/${machines.silent} UNOBSERVED ana@acme.example`,
        `untagged instance/${machines.bare} NONCOMPLIANT nobody`,
        ...disks.map((id) => `untagged volume/${id} NONCOMPLIANT nobody`),
      ].toSorted(),
    );
    expect(first.spend).toMatchObject([{ currency: 'USD', billed: '50.5', effective: '48.123456789' }]);
    expect(first.coverage).toMatchObject([
      { scope: 'aws:123456789012:us-east-1', status: 'complete', reason: null },
      { scope: 'bill:aws-cost-explorer-123456789012', status: 'complete', reason: null },
    ]);
    expect(first.ownCost.calls.find(({ api }) => api === 'ce:GetCostAndUsage')).toEqual({
      api: 'ce:GetCostAndUsage',
      count: 5,
    });

    const planned: Estimated = JSON.parse(await cli.bursarOk([...command, '--plan', ...later], here, keys()));
    expect(planned).toMatchObject({ amount: first.ownCost.amount, unknown: null });
    expect(planned.tasks.flatMap(({ calls }) => calls)).toContain('5 x ce:GetCostAndUsage');

    const second = parsed(await cli.bursarOk([...command, ...later], here, keys()));
    expect(lasting(second.findings)).toEqual(lasting(first.findings));
    expect(new Set(second.findings.map(({ lastSeen }) => lastSeen))).toEqual(new Set([second.now]));

    const { ec2 } = session(moto);
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [machines.bare] }));
    const third = parsed(await cli.bursarOk([...command, ...later], here, keys()));
    expect(third.findings.filter(({ resourceId }) => resourceId.endsWith(machines.bare))).toEqual([]);
    const resolved: AuditResult['findings'] = JSON.parse(
      await cli.bursarOk(['findings', '--state-is', 'RESOLVED', '--format', 'json'], here, keys()),
    );
    expect(
      resolved
        .map(({ check, resourceId }) => `${check} ${resourceId.slice(-machines.bare.length)}`)
        .toSorted(),
    ).toEqual(expect.arrayContaining([`idle-gpu ${machines.bare}`, `untagged ${machines.bare}`]));
  });

  test('what Cost Explorer cannot tell of a machine is estimated at list prices, and marked', async () => {
    const machines = await seed();
    // The emulator leaves out what AWS tells of every instance.
    const whole = await behind(async ({ action }, pass) => {
      if (action !== 'DescribeInstances') return null;
      const told = await pass();
      const platform = '<platformDetails>Linux/UNIX</platformDetails><instanceType>';
      return { ...told, body: told.body.replaceAll('<instanceType>', platform) };
    });
    const command = ['audit', '--aws', '--regions', 'us-east-1', '--format', 'json', ...now];
    const { findings, ownCost } = parsed(await cli.bursarOk(command, await folder(), keys(whole)));
    const of = (id: string) =>
      findings.find(({ check, resourceId }) => check === 'idle-gpu' && resourceId.endsWith(id));
    const estimate = {
      costBasis: 'list-estimate',
      monthlyCost: { amount: '378.72', currency: 'USD' },
      // The amortised cost is not the billed one: commitments have a part in it.
      monthlySaving: null,
    };
    expect(of(machines.silent)).toMatchObject({ verdict: 'UNOBSERVED', ...estimate });
    expect(of(machines.idle)).toMatchObject({ verdict: 'IDLE', ...estimate });
    expect(of(machines.idle)?.blindSpots.join(' ')).toMatch(/names no resources.*commitments have a part/);
    expect(ownCost.calls).toContainEqual({ api: 'pricing:GetProducts', count: expect.any(Number) });
  });

  test('an empty account is complete, and costs nothing', async () => {
    const here = await folder();
    const result = parsed(
      await cli.bursarOk(
        ['audit', '--aws', '--regions', 'us-east-1', '--format', 'json', ...now],
        here,
        keys(),
      ),
    );
    expect(result).toMatchObject({ findings: [], spend: [] });
    expect(result.coverage.map(({ status }) => status)).toEqual(['complete', 'complete']);
    const said = await cli.bursarOk(['audit', '--aws', '--regions', 'us-east-1', ...now], here, keys());
    expect(said).toContain('Findings (0)');
  });

  test('every enabled region where none is named', async () => {
    const here = await folder();
    const few = await behind(async ({ action }, pass) => {
      if (action !== 'DescribeRegions') return null;
      const all = await pass();
      const items = all.body.match(/<item>[\s\S]*?<\/item>/g) ?? [];
      const kept = items.filter((item) => ENABLED.some((name) => item.includes(`>${name}<`)));
      return { ...all, body: all.body.replace(/<item>[\s\S]*<\/item>/, kept.join('')) };
    });
    const result = parsed(
      await cli.bursarOk(['audit', '--aws', '--format', 'json', ...now], here, keys(few)),
    );
    expect(result.coverage.map(({ scope }) => scope)).toEqual([
      `aws:${OWN}:eu-west-1`,
      `aws:${OWN}:us-east-1`,
      `bill:aws-cost-explorer-${OWN}`,
    ]);
  });
});

describe('what AWS refuses', () => {
  test('no credentials: 4, and how to get some', async () => {
    const { AWS_ENDPOINT_URL, AWS_REGION } = keys();
    const ran = await bursar(['audit', '--aws'], await folder(), {
      AWS_ENDPOINT_URL: AWS_ENDPOINT_URL ?? '',
      AWS_REGION: AWS_REGION ?? '',
    });
    expect(ran).toMatchObject({ code: 4, stdout: '' });
    expect(ran.stderr).toContain('there are no AWS credentials');
    expect(ran.stderr).toContain('aws sso login');
    expect(ran.stderr).not.toContain('    at ');
  });

  test('an expired token: 4, and what to renew', async () => {
    const expired = await behind(async ({ action }) =>
      action === 'GetCallerIdentity'
        ? stsRefusal('ExpiredToken', 'The security token included in the request is expired')
        : null,
    );
    const ran = await cli.bursar(['audit', '--aws'], await folder(), keys(expired));
    expect(ran).toMatchObject({ code: 4, stdout: '' });
    expect(ran.stderr).toContain('the AWS credentials have expired');
  });

  test('a token that expires on the way: the scope is told, what was found stays', async () => {
    const here = await folder();
    const { ec2 } = session(moto);
    await launch(ec2, 't3.micro');
    const command = ['audit', '--aws', '--regions', 'us-east-1', '--format', 'json'];
    const first = parsed(await cli.bursarOk([...command, ...now], here, keys()));
    expect(first.findings.length).toBeGreaterThan(0);
    const expired = await behind(async (request) =>
      OF_THE_BILL.test(request.action) ? null : expiry(request),
    );
    const ran = await cli.bursar([...command, '--fail-on-partial', ...later], here, keys(expired));
    expect(ran.code).toBe(3);
    const refused = parsed(ran.stdout).coverage.find((entry) => entry.scope === `aws:${OWN}:us-east-1`);
    expect(refused).toMatchObject({ status: 'failed', reason: expect.stringContaining('expired') });
    const kept: AuditResult['findings'] = JSON.parse(
      await cli.bursarOk(['findings', '--format', 'json'], here),
    );
    expect(kept).toEqual(first.findings);
  });

  test('throttling that passes is waited out and leaves no trace', async () => {
    let refused = 0;
    const throttling = await behind(async ({ action }) =>
      action === 'DescribeInstances' && refused++ < 2
        ? ec2Refusal('RequestLimitExceeded', 'Request limit exceeded.', 503)
        : null,
    );
    const command = ['audit', '--aws', '--regions', 'us-east-1', '--format', 'json', ...now];
    const result = parsed(await cli.bursarOk(command, await folder(), keys(throttling)));
    expect(refused).toBeGreaterThan(2);
    expect(result.coverage.map(({ status }) => status)).toEqual(['complete', 'complete']);
  });
});

describe('accounts by config', () => {
  test('two accounts, two regions: all complete; one role denied: the rest, and that one named', async () => {
    const here = await folder();
    await writeFile(join(here, 'bursar.yaml'), config([OWN, OTHER]));
    await launch(session(moto).ec2, 't3.micro', 1, { Name: 'bare' });
    const command = ['audit', '--format', 'json'];
    const whole = parsed(await cli.bursarOk([...command, ...now], here, keys()));
    expect(whole.coverage.map(({ scope, status }) => `${scope} ${status}`)).toEqual([
      `aws:${OWN}:eu-west-1 complete`,
      `aws:${OWN}:us-east-1 complete`,
      `aws:${OTHER}:eu-west-1 complete`,
      `aws:${OTHER}:us-east-1 complete`,
    ]);
    const refusing = await behind(async ({ action }) =>
      action === 'AssumeRole'
        ? stsRefusal(
            'AccessDenied',
            `User: arn:aws:iam::${OWN}:user/a is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::${OTHER}:role/BursarRead`,
          )
        : null,
    );
    const rest = parsed(await cli.bursarOk([...command, ...later], here, keys(refusing)));
    expect(rest.findings.map(({ id }) => id)).toEqual(whole.findings.map(({ id }) => id));
    const denied = rest.coverage.filter(({ status }) => status !== 'complete');
    expect(denied.map(({ scope }) => scope)).toEqual([`aws:${OTHER}:eu-west-1`, `aws:${OTHER}:us-east-1`]);
    for (const { reason } of denied) expect(reason).toContain(`role/BursarRead cannot be assumed`);
    const said = await cli.bursar(['audit', ...later], here, keys(refusing));
    expect(said.stdout).toContain('Not seen (2 of 4 scopes)');
    expect(said.stdout.replaceAll(/\s+/g, ' ')).toContain(
      'role/BursarRead. Deploy the read role in that account',
    );
    expect(said.stdout).toContain(`  aws:${OTHER}:eu-west-1, aws:${OTHER}:us-east-1: not read`);
  });

  test('AccessDenied in one of five accounts', async () => {
    const here = await folder();
    const accounts = [OWN, OTHER, '333333333333', '444444444444', '555555555555'];
    await writeFile(join(here, 'bursar.yaml'), config(accounts));
    const third = new Set<string>();
    const refusing = await behind(async ({ action, body, headers }, pass) => {
      if (action === 'AssumeRole' && body.includes('333333333333')) {
        const answer = await pass();
        third.add(/<AccessKeyId>(\w+)</.exec(answer.body)?.[1] ?? 'none');
        return answer;
      }
      const by = /Credential=(\w+)\//.exec(headers.authorization ?? '')?.[1] ?? '';
      return action === 'DescribeInstances' && third.has(by)
        ? ec2Refusal('UnauthorizedOperation', 'You are not authorized to perform this operation.', 403)
        : null;
    });
    const result = parsed(await cli.bursarOk(['audit', '--format', 'json', ...now], here, keys(refusing)));
    expect(result.coverage).toHaveLength(10);
    const gaps = result.coverage.filter(({ status }) => status !== 'complete');
    expect(gaps.map(({ scope }) => scope)).toEqual([
      'aws:333333333333:eu-west-1',
      'aws:333333333333:us-east-1',
    ]);
    for (const { reason } of gaps) expect(reason).toContain('ec2:DescribeInstances was denied');
  });
});
