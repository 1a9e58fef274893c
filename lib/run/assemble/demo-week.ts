import { randomBytes } from 'node:crypto';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseConfig } from '../../config/load.ts';
import { bills } from '../../demo/bills.ts';
import { FastClock } from '../../demo/clock.ts';
import { DemoCloud } from '../../demo/cloud.ts';
import { DEMO_CONFIG, DEMO_POLICIES, writeDelivered } from '../../demo/company.ts';
import { dayStart } from '../../demo/names.ts';
import { ANSWERS, APP_ID, TEAM } from '../../demo/people.ts';
import { DemoSlack } from '../../demo/slack.ts';
import { slackVerifier } from '../../notices/signature.ts';
import { BursarError } from '../../platform/errors.ts';
import { silent } from '../../platform/progress.ts';
import type { Auditor } from '../auditor.ts';
import type { Week } from '../demo-week.ts';
import type { RespondParts } from '../respond/model.ts';
import { nextRecipient } from '../respond/next.ts';
import { lookAgain } from '../sweep/look.ts';
import type { SweepParts } from '../sweep/model.ts';
import { calendarsOf } from './calendars.ts';
import { configured } from './config.ts';
import { snapshotsEstate } from './demo.ts';
import { openLocal } from './local.ts';
import { fileSource } from './sources.ts';
import { sweepSettings } from './telling.ts';

const DAY_MS = 86_400_000;
const DAYS = 7;
/** The new policies are audited under so long after they were written. */
const FIRST_AUDIT_MS = 10 * 60_000;
/** Before the hour of the digest. */
const AUDIT_BEFORE_MS = 3 * 3_600_000;

/**
 * The week after the demo of `folder`, in a copy of its state under `folder/week`: what was audited today stays as
 * it is. Nothing of it leaves this process but files.
 */
export async function assembleWeek(
  folder: string,
  seed: number,
  start: Date,
): Promise<Week & AsyncDisposable> {
  const state = join(folder, 'week');
  await cp(join(folder, 'lake'), join(state, 'lake'), { recursive: true });
  await cp(join(folder, 'ledger.sqlite'), join(state, 'ledger.sqlite'));
  const text = `${DEMO_CONFIG}${DEMO_POLICIES}`;
  await writeFile(join(state, 'bursar.yaml'), text);
  const config = parseConfig(text, 'week/bursar.yaml');
  const { lake, ledger } = await openLocal(state, config.dimensions, config.ai.rules);
  const clock = new FastClock(start);
  const cloud = new DemoCloud(seed, start, clock.now);
  const slack = new DemoSlack(clock.now);
  const estates = [snapshotsEstate(() => cloud.snapshots())];
  const secret = randomBytes(16).toString('hex');
  const { checks, ownerOf, ...rest } = configured(config, silent);
  const sweep: SweepParts = {
    ledger,
    messenger: slack,
    actions: [cloud.action()],
    enter: async () => null,
    look: lookAgain({ estates, checks, ownerOf, lake }),
    settings: sweepSettings(config),
    clock: clock.now,
    pause: async (milliseconds) => clock.pass(milliseconds),
    calendars: calendarsOf(config),
    runId: `s-demo-${randomBytes(8).toString('hex')}`,
    deadline: null,
    progress: silent,
  };
  const respond: RespondParts = {
    ledger,
    answerer: slack,
    verify: slackVerifier([secret]),
    app: { team: TEAM, appId: APP_ID },
    admins: [],
    approvers: [],
    nextOf: nextRecipient({ accounts: config.owners.accounts, channel: config.owners.fallback ?? null }),
    mostSnoozes: 3,
    mostExemptDays: 180,
    reports: null,
    timezone: config.organisation.timezone,
    log: {
      info: () => undefined,
      error: (message, error) => {
        throw new BursarError('internal', `${message} in the demo`, { cause: error });
      },
    },
    clock: clock.now,
  };
  return {
    start,
    end: new Date(start.getTime() + DAYS * DAY_MS),
    clock,
    slack,
    audits: [
      { at: new Date(start.getTime() + FIRST_AUDIT_MS), bills: false },
      // The bills of the week come at its end: that is what is held against the estimates.
      ...Array.from({ length: DAYS }, (_, day) => ({
        at: new Date(start.getTime() + (day + 1) * DAY_MS - AUDIT_BEFORE_MS),
        bills: day === DAYS - 1,
      })),
    ],
    async auditor(delivered): Promise<Auditor> {
      const auditor = { ...rest, checks, ownerOf, lake, ledger, estates };
      if (!delivered) return { ...auditor, sources: [] };
      const days = (midnight(clock.now()) - midnight(start)) / DAY_MS;
      const ran = cloud.ran.bind(cloud);
      const written = await writeDelivered(join(state, 'bills'), bills(seed, start, 90, { days, ran }));
      const sources = written.map(({ source, path }) => fileSource(source, [path], state));
      return { ...auditor, sources };
    },
    sweep,
    respond,
    answers: ANSWERS,
    secret,
    async [Symbol.asyncDispose]() {
      await lake[Symbol.asyncDispose]();
      await ledger.close();
    },
  };
}

/** The beginning of its UTC day, in milliseconds. */
function midnight(at: Date): number {
  return dayStart(at, 0).getTime();
}
