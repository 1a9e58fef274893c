import { GetScheduleCommand, type SchedulerClient } from '@aws-sdk/client-scheduler';
import { scheduleExpression } from '../../config/schedule.ts';
import type { Config } from '../../config/schema.ts';
import { awsCall } from '../../platform/aws-call.ts';
import { Meter } from '../../platform/meter.ts';
import { type DeployedStack, ofType } from './doctor-stack.ts';
import { watchesAi } from './entries.ts';
import { type Examined, unread } from './examined.ts';

/** One schedule that a config deploys: what its logical id is besides the hash, and when it fires. */
interface Wanted {
  readonly what: string;
  readonly id: string;
  /** As EventBridge Scheduler takes it. */
  readonly expression: string;
}

/** Whether every schedule that the config asks for is deployed, switched on, and fires when the config says, and no other. */
export async function examineSchedules(
  client: SchedulerClient,
  stack: DeployedStack,
  config: Config,
): Promise<Examined[]> {
  const deployed = ofType(stack, 'AWS::Scheduler::Schedule');
  const found: Examined[] = [];
  const all = wantedOf(config);
  for (const wanted of all) {
    const what = `schedule ${wanted.what}`;
    const looks: Examined[] = [];
    // Ids of digests that differ by their - and _ alone have one id here, besides the hash.
    for (const { logicalId, physicalId } of deployed)
      if (withoutHash(logicalId) === wanted.id)
        looks.push(
          await examineOne(client, physicalId, what, wanted, config.organisation.timezone).catch(
            (error: unknown) => unread(what, error),
          ),
        );
    found.push(
      looks.find(({ state }) => state === 'works') ??
        looks[0] ?? {
          what,
          state: 'fails',
          told: 'the config has it, the stack does not',
          todo: 'npx cdk deploy',
        },
    );
  }
  const wantedIds = new Set(all.map(({ id }) => id));
  for (const { logicalId } of deployed)
    if (!wantedIds.has(withoutHash(logicalId)))
      found.push({
        what: `schedule ${withoutHash(logicalId)}`,
        state: 'fails',
        told: 'the stack has it, the config does not: it goes on starting its function',
        todo: 'npx cdk deploy, with the config that is meant.',
      });
  return found;
}

async function examineOne(
  client: SchedulerClient,
  Name: string,
  what: string,
  { expression }: Wanted,
  timezone: string,
): Promise<Examined> {
  const { State, ScheduleExpression, ScheduleExpressionTimezone } = await awsCall(
    { action: 'scheduler:GetSchedule', where: Name, meter: new Meter() },
    () => client.send(new GetScheduleCommand({ Name })),
  );
  const is = `${ScheduleExpression ?? 'no time'} in ${ScheduleExpressionTimezone ?? 'UTC'}`;
  if (State !== 'ENABLED')
    return {
      what,
      state: 'fails',
      told: `it is ${State ?? 'in no state that is told'}: its function is never started`,
      todo: 'Switch it on in the console of EventBridge Scheduler, or deploy again.',
    };
  // A rate has no zone.
  const same =
    ScheduleExpression === expression &&
    (expression.startsWith('rate') || (ScheduleExpressionTimezone ?? 'UTC') === timezone);
  return same
    ? { what, state: 'works', told: is, todo: null }
    : {
        what,
        state: 'fails',
        told: `it fires at ${is}, and the config says ${expression} in ${timezone}`,
        todo: 'npx cdk deploy, with the config that is meant.',
      };
}

/** By the ids that infra/stack.ts gives them. */
function wantedOf(config: Config): Wanted[] {
  const { collect, audit, sweep, aiUsage } = config.deploy.schedules;
  return [
    { what: 'plan', id: 'PlanSchedule', schedule: collect },
    { what: 'audit', id: 'AuditSchedule', schedule: audit },
    ...(watchesAi(config) ? [{ what: 'ai-usage', id: 'AiUsageSchedule', schedule: aiUsage }] : []),
    { what: 'sweep', id: 'SweepSchedule', schedule: sweep },
    { what: 'digest', id: 'DigestSchedule', schedule: config.digest.schedule },
    ...Object.entries(config.digest.also).map(([id, { schedule }]) => ({
      what: `digest ${id}`,
      // CloudFormation's ids have letters and digits alone; the construct inside is called Schedule.
      id: `DigestSchedule${id.replaceAll(/[^A-Za-z0-9]/g, '')}Schedule`,
      schedule,
    })),
  ].map(({ schedule, ...wanted }) => ({ ...wanted, expression: scheduleExpression(schedule) }));
}

/** The CDK ends a logical id with eight hexadecimal digits of a hash. */
function withoutHash(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, '');
}
