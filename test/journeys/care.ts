import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { WebClient } from '@slack/web-api';
import { inject, onTestFinished, vi } from 'vitest';
import { ACTIONS } from '../../lib/actions/index.ts';
import { defaultCheckSettings } from '../../lib/checks/index.ts';
import { DEFAULT_RULES } from '../../lib/ledger/decide/index.ts';
import { dynamoLedger } from '../../lib/ledger/dynamodb.ts';
import { DEFAULT_THRESHOLDS, findingId } from '../../lib/ledger/finding.ts';
import type { Person } from '../../lib/ledger/life.ts';
import type { FindingRecord, LedgerStore } from '../../lib/ledger/model.ts';
import { readToken } from '../../lib/notices/messages/buttons.ts';
import { readNotice } from '../../lib/notices/notice.ts';
import { at } from '../../lib/notices/payload.ts';
import { slackVerifier } from '../../lib/notices/signature.ts';
import { slackClientOptions } from '../../lib/notices/slack.ts';
import { slackMessenger } from '../../lib/notices/slack-messenger.ts';
import { awsActSessions } from '../../lib/platform/act-sessions.ts';
import { jsonLog } from '../../lib/platform/log.ts';
import { Meter } from '../../lib/platform/meter.ts';
import { silent } from '../../lib/platform/progress.ts';
import { awsEstate } from '../../lib/run/assemble/aws.ts';
import { openLocal } from '../../lib/run/assemble/local.ts';
import type { Auditor } from '../../lib/run/auditor.ts';
import { nextRecipient } from '../../lib/run/respond/next.ts';
import { serveClicks } from '../../lib/run/respond/server.ts';
import { sweep } from '../../lib/run/sweep/index.ts';
import { lookAgain } from '../../lib/run/sweep/look.ts';
import type { SweepParts, SweepReport, SweepSettings } from '../../lib/run/sweep/model.ts';
import type { TermsSettings } from '../../lib/run/terms.ts';
import { wholeAudit } from '../../lib/run/whole.ts';
import { actClients, arn } from '../actions/aws.ts';
import { resetMoto } from '../counterparts/moto.ts';
import { resetSlack, slackCalls } from '../counterparts/slack.control.ts';
import { type Answer, base, OWN, proxy, type Request, session, sts } from '../estate/aws/emulated.ts';
import { halfHours, launch, publish } from '../estate/aws/fleet.ts';
import { createTable, documents } from '../ledger/dynamodb-bench.ts';
import { APP_ID, SECRET, sign, TEAM } from '../run/respond/world.ts';

const HOUR = 3_600_000;

/** A company over real sockets: EC2 in moto, the ledger in DynamoDB Local, Slack, and signed clicks. */
export interface Care {
  readonly ledger: LedgerStore;
  readonly owner: Person;
  readonly other: Person;
  readonly approver: Person;
  readonly proxyCalls: readonly string[];
  /** An idle GPU machine a week old, with telemetry for so many days from now on. */
  machine(days: number, tags?: Readonly<Record<string, string>>): Promise<Machine>;
  audit(): Promise<void>;
  act(): Promise<SweepReport>;
  pass(hours: number): void;
  now(): Date;
  record(id: string): Promise<FindingRecord>;
  /** States that a finding went through, from its trail. */
  states(id: string): Promise<string[]>;
  /** Presses a button as the newest form of a message shows it. */
  press(id: string, action: string, by: Person, choice?: string): Promise<void>;
  /** Fills in the form that was opened last. */
  submit(form: 'exempt' | 'disown', values: object, by: Person): Promise<void>;
  command(text: string, by: Person): Promise<string>;
  /** Messages posted so far, as text. */
  posted(): Promise<string[]>;
  /** Answers these calls of AWS instead of the emulator, where it gives an answer. */
  meddle(by: ((request: Request) => Answer | null) | null): void;
}

export interface Machine {
  /** `i-0abc` */
  readonly id: string;
  readonly finding: string;
  state(): Promise<string | undefined>;
}

const TERMS: TermsSettings = {
  policies: [{ check: '*', mode: 'stop', grace: '24h' }],
  production: [],
  dimensions: {},
  ownerOf: ({ tags }) =>
    tags?.['owner'] === undefined ? null : { id: tags['owner'], source: 'tag owner', confidence: 'high' },
  accounts: {},
  fallback: null,
};

/** What else of a company is looked at and acted on, in the place of its AWS account. */
export type Beside = Pick<Auditor, 'estates' | 'checks'> & Pick<SweepParts, 'enter'>;

export async function care(
  settings: Partial<SweepSettings> = {},
  terms: Partial<TermsSettings> = {},
  beside: Beside | null = null,
): Promise<Care> {
  const [moto, slack] = [inject('motoUrl'), inject('slack')];
  await resetMoto(moto);
  await resetSlack(slack.control);
  let meddling: ((request: Request) => Answer | null) | null = null;
  const before = await proxy(moto, async (request) => meddling?.(request) ?? null);
  const ledger = await tableIn(inject('dynamodbUrl'));
  // Instances of the emulator start now: a look a week ahead sees a machine of a week.
  let time = Date.now() + 170 * HOUR;
  const start = new Date(time);
  const clock = () => new Date(time);
  const client = new WebClient(slack.token, { ...slackClientOptions, slackApiUrl: slack.url });
  const messenger = slackMessenger({ client, store: ledger, team: TEAM, clock, spacing: 0 });
  const person = async (email: string): Promise<Person> => {
    const found = await messenger.lookup(email);
    if (!found.ok) throw new Error(found.reason);
    return found.known.person;
  };
  const [owner, other, approver] = [
    await person('owner@example.com'),
    await person('other@example.com'),
    await person('approver@example.com'),
  ];
  const allTerms: TermsSettings = { ...TERMS, fallback: slack.channel, ...terms };
  const auditor = { ...(await auditorOver(ledger, before.url, allTerms)), ...beside };
  const server = await serveClicks(
    {
      ledger,
      answerer: messenger,
      verify: slackVerifier([SECRET]),
      app: { team: TEAM, appId: APP_ID },
      admins: [approver.user],
      approvers: [approver.user],
      nextOf: nextRecipient({ accounts: allTerms.accounts, channel: allTerms.fallback }),
      mostSnoozes: 2,
      mostExemptDays: 90,
      reports: null,
      timezone: 'UTC',
      log: jsonLog(() => undefined, clock),
      clock,
    },
    0,
  );
  onTestFinished(async () => {
    await new Promise<void>((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
    await before.close();
  });
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`;
  const post = async (fields: Readonly<Record<string, string>>): Promise<string> => {
    const body = new URLSearchParams(fields).toString();
    const timestamp = String(Math.floor(time / 1000));
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': sign(body, timestamp),
    };
    const answer = await fetch(url, { method: 'POST', headers, body });
    if (answer.status !== 200) throw new Error(`a click was answered with ${answer.status}`);
    return await answer.text();
  };
  const payload = (by: Person, more: object) =>
    post({
      payload: JSON.stringify({
        api_app_id: APP_ID,
        team: { id: TEAM },
        user: { id: by.user, team_id: TEAM },
        ...more,
      }),
    });
  const enter = awsActSessions(
    {
      own: { accountId: OWN, partition: 'aws' },
      base: { ...base(before.url), maxAttempts: 1 },
      assume: { roleName: 'BursarAct' },
      sts: sts(before.url),
      meter: new Meter(),
    },
    actClients,
  );
  const record = async (id: string): Promise<FindingRecord> => {
    const found = await ledger.get(id);
    if (found === null) throw new Error(`no finding ${id}`);
    return found;
  };
  let runs = 0;
  return {
    ledger,
    owner,
    other,
    approver,
    proxyCalls: before.calls,
    machine: (days, tags = { owner: 'owner@example.com' }) => idleMachine(moto, start, days, tags),
    async audit() {
      await wholeAudit(auditor, `audit-${(runs += 1)}`, false, clock());
    },
    act: () =>
      sweep(
        {
          ledger,
          messenger,
          actions: ACTIONS,
          enter:
            beside?.enter ??
            ((_action, { accountId, region, id }) => enter({ accountId, region, findingId: id })),
          look: lookAgain(auditor),
          settings: {
            terms: allTerms,
            protectedTags: ['do-not-stop'],
            paused: false,
            caps: { organisation: { count: 20, money: {} }, account: null },
            canary: false,
            timezone: 'UTC',
            channel: slack.channel,
            approvers: [approver.user],
            thresholds: undefined,
            rules: DEFAULT_RULES,
            claimMinutes: 20,
            concurrency: 4,
            ...settings,
          },
          clock,
          // What takes its time takes it of the story's clock.
          pause: async (milliseconds) => {
            time += milliseconds;
          },
          calendars: (timezone) => [{ timezone, holidays: new Set(), quiet: null, weekends: true }],
          runId: `sweep-${(runs += 1)}-${randomUUID()}`,
          deadline: null,
          progress: silent,
        },
        'act',
      ),
    pass(hours) {
      time += hours * HOUR;
    },
    now: clock,
    record,
    async states(id) {
      const moved = (await ledger.history(id)).filter(({ from, to }) => from !== to);
      return moved.map(({ to }) => to);
    },
    async press(id, action, by, choice) {
      const block = await offered(slack.control, ledger, id, action);
      await payload(by, {
        type: 'block_actions',
        container: { type: 'message', channel_id: 'D1', message_ts: '1.1' },
        trigger_id: action === 'exempt' || action === 'disown' ? await triggerOf(client, by) : '',
        actions: [
          {
            action_id: action,
            block_id: block,
            action_ts: randomUUID(),
            ...(choice === undefined ? {} : { selected_option: { value: choice } }),
          },
        ],
      });
    },
    async submit(form, values, by) {
      const opened = (await slackCalls(slack.control)).findLast(
        ({ method, ok }) => method === 'views.open' && ok,
      );
      await payload(by, {
        type: 'view_submission',
        view: {
          callback_id: form,
          private_metadata: at(opened?.args['view'], 'private_metadata'),
          state: { values },
        },
      });
    },
    command: (text, by) =>
      post({
        command: '/bursar',
        text,
        team_id: TEAM,
        api_app_id: APP_ID,
        user_id: by.user,
        channel_id: slack.channel,
        trigger_id: randomUUID(),
      }),
    async posted() {
      const calls = await slackCalls(slack.control);
      return calls
        .filter(({ method, ok }) => method === 'chat.postMessage' && ok)
        .map(({ args }) => JSON.stringify([args['channel'], args['text'], args['blocks']]));
    },
    meddle(by) {
      meddling = by;
    },
  };
}

/** A table of this story alone. */
async function tableIn(endpoint: string): Promise<LedgerStore> {
  const client = documents(endpoint);
  const table = `care-${randomUUID()}`;
  await createTable(client, table);
  onTestFinished(() => client.destroy());
  return dynamoLedger({ client, table });
}

async function auditorOver(ledger: LedgerStore, endpoint: string, terms: TermsSettings): Promise<Auditor> {
  for (const [name, value] of Object.entries({
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
  }))
    vi.stubEnv(name, value);
  const folder = await mkdtemp(join(tmpdir(), 'bursar-care-'));
  const { lake, ledger: unused } = await openLocal(folder, {});
  await unused.close();
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await lake[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    lake,
    ledger,
    sources: [],
    estates: [awsEstate({ accounts: 'own', regions: ['us-east-1'], assume: null, endpoint })],
    checks: { 'idle-gpu': defaultCheckSettings()['idle-gpu'] },
    ownerOf: terms.ownerOf,
    terms,
    thresholds: DEFAULT_THRESHOLDS,
    organisation: { name: 'Acme', timezone: 'UTC', currency: 'USD' },
    discounts: {},
    progress: silent,
    asking: new Meter(),
    concurrency: 2,
  };
}

async function idleMachine(
  moto: string,
  start: Date,
  days: number,
  tags: Readonly<Record<string, string>>,
): Promise<Machine> {
  const { ec2, cloudwatch } = session(moto);
  const [made] = await launch(ec2, 'g4dn.xlarge', 1, tags);
  const id = made?.id ?? '';
  const hours = halfHours(new Date(start.getTime() + days * 24 * HOUR), 172 + days * 24);
  const device = { InstanceId: id, index: '0', name: 'Tesla T4', arch: 'Turing' };
  for (const [space, name, value, of] of [
    ['CWAgent', 'nvidia_smi_utilization_gpu', 0, device],
    ['CWAgent', 'nvidia_smi_memory_used', 300, device],
    ['AWS/EC2', 'GPUPowerUtilization', 8, { InstanceId: id, GpuId: '0' }],
  ] as const)
    await publish(
      cloudwatch,
      space,
      name,
      of,
      hours.map((hour) => ({ at: hour, value })),
    );
  return {
    id,
    finding: findingId('idle-gpu', 'aws', arn('ec2', `instance/${id}`)),
    state: async () => {
      const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
      return Reservations?.[0]?.Instances?.[0]?.State?.Name;
    },
  };
}

/** `block_id` of the newest buttons of a finding that offer this. */
async function offered(
  control: string,
  ledger: LedgerStore,
  finding: string,
  action: string,
): Promise<string> {
  for (const { args, ok } of (await slackCalls(control)).toReversed()) {
    const blocks: unknown = args['blocks'];
    if (!ok || !Array.isArray(blocks)) continue;
    for (const block of blocks) {
      const elements = at(block, 'elements');
      const id = at(block, 'block_id');
      const token = typeof id === 'string' ? readToken(id) : null;
      if (token === null || !Array.isArray(elements)) continue;
      if (!elements.some((each) => at(each, 'action_id') === action)) continue;
      const notice = await readNotice(ledger, token.notice);
      if (notice?.items[token.index]?.findingId === finding && typeof id === 'string') return id;
    }
  }
  throw new Error(`no message offers ${action}`);
}

async function triggerOf(client: WebClient, by: Person): Promise<string> {
  const answer = await client.apiCall('views.generateTriggerId', { user_id: by.user });
  return 'trigger_id' in answer ? String(answer['trigger_id']) : '';
}
