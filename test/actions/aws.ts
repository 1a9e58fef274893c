import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { BedrockClient } from '@aws-sdk/client-bedrock';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { EKSClient } from '@aws-sdk/client-eks';
import { OpenSearchServerlessClient } from '@aws-sdk/client-opensearchserverless';
import { RDSClient } from '@aws-sdk/client-rds';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { z } from 'zod';
import type { AwsActClients, AwsActSession } from '../../lib/actions/aws-session.ts';
import type { Action, Live, Planned, Target } from '../../lib/actions/model.ts';
import type { Json } from '../../lib/estate/model.ts';
import type { AwsClientConfig } from '../../lib/platform/aws-sessions.ts';
import { Meter } from '../../lib/platform/meter.ts';
import { type Answer, base, OWN, type Proxy, proxy, type Request } from '../estate/aws/emulated.ts';

/** The clients of the act role, as the assembly makes them. */
export function actClients(config: AwsClientConfig): AwsActClients {
  return {
    ec2: new EC2Client(config),
    ec2Once: new EC2Client({ ...config, maxAttempts: 1 }),
    autoScaling: new AutoScalingClient(config),
    applicationAutoScaling: new ApplicationAutoScalingClient(config),
    eks: new EKSClient(config),
    sagemaker: new SageMakerClient(config),
    logs: new CloudWatchLogsClient(config),
    rds: new RDSClient(config),
    bedrock: new BedrockClient(config),
    openSearchServerless: new OpenSearchServerlessClient(config),
    collection: (endpoint) => {
      throw new Error(`no test has said where ${endpoint} is`);
    },
    exports: null,
  };
}

/** `attempts`: tries of one call, the first included; 1 lets a lost answer reach the action. */
export function actSession(endpoint: string, attempts = 2): AwsActSession {
  const config = { ...base(endpoint), maxAttempts: attempts, retryMode: 'standard' as const };
  return {
    accountId: OWN,
    region: 'us-east-1',
    partition: 'aws',
    meter: new Meter(),
    ...actClients({ ...config, region: 'us-east-1' }),
  };
}

export function awsTarget(resourceType: string, resourceId: string, evidence = {}): Target {
  return { provider: 'aws', accountId: OWN, region: 'us-east-1', resourceType, resourceId, evidence };
}

export function arn(service: string, part: string): string {
  return `arn:aws:${service}:us-east-1:${OWN}:${part}`;
}

/** What the action reads; fails where the resource is gone. */
export async function readLive<S>(action: Action<S>, target: Target, session: S): Promise<Live> {
  const live = await action.read(target, session);
  if (live === null) throw new Error(`${target.resourceId} is gone`);
  return live;
}

/** What the action would do; fails where it refuses. */
export async function planned<S>(
  action: Action<S>,
  target: Target,
  session: S,
): Promise<Extract<Planned, { ok: true }>> {
  const plan = action.plan(target, await readLive(action, target, session));
  if (!plan.ok) throw new Error(`refused: ${plan.reason}`);
  // A plan is stored before it is carried out: what JSON cannot hold would be lost.
  return { ...plan, plan: stored(plan.plan), undoPlan: stored(plan.undoPlan) };
}

const json: z.ZodType<Json> = z.json();

function stored(plan: Json): Json {
  return json.parse(JSON.parse(JSON.stringify(plan)));
}

/** A plan with one more thing in it, as another version may write it. */
export function withMore(plan: Json, more: { readonly [key: string]: Json }): Json {
  return { ...z.record(z.string(), json).parse(plan), ...more };
}

/** Why the action refuses; fails where it does not. */
export async function refusal<S>(action: Action<S>, target: Target, session: S): Promise<string> {
  const plan = action.plan(target, await readLive(action, target, session));
  if (plan.ok) throw new Error(`not refused: ${plan.summary}`);
  return plan.reason;
}

type Meddle = (request: Request, pass: (body?: string) => Promise<Answer>) => Promise<Answer | null>;

/** Servers before the emulator that change or refuse calls; `closeAll` after each test. */
export function meddling(target: string): {
  readonly behind: (meddle: Meddle) => Promise<Proxy>;
  readonly closeAll: () => Promise<void>;
} {
  const open: Proxy[] = [];
  return {
    behind: async (meddle) => {
      const made = await proxy(target, meddle);
      open.push(made);
      return made;
    },
    closeAll: async () => {
      await Promise.all(open.splice(0).map((one) => one.close()));
    },
  };
}

/** Carries the first call of each of these actions out and loses its answer. */
export function losing(...actions: readonly string[]): Meddle {
  const left = new Set(actions);
  return async ({ action }, pass) => {
    if (!left.delete(action)) return null;
    await pass();
    return { status: 500, body: '', type: 'application/x-amz-json-1.1' };
  };
}
