import {
  type CloudFormationClient,
  DescribeStacksCommand,
  ListStackResourcesCommand,
} from '@aws-sdk/client-cloudformation';
import { awsCall, awsPages } from '../../platform/aws-call.ts';
import { BursarError } from '../../platform/errors.ts';
import { Meter } from '../../platform/meter.ts';
import type { Examined } from './examined.ts';

/** What was deployed, as CloudFormation knows it. */
export interface DeployedStack {
  readonly name: string;
  /** CloudFormation's word: `UPDATE_COMPLETE`. */
  readonly status: string;
  /** Values by the names of the stack's outputs. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly resources: readonly StackResource[];
}

export interface StackResource {
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
}

/** @throws BursarError where there is no such stack, or it may not be looked at */
export async function readStack(client: CloudFormationClient, name: string): Promise<DeployedStack> {
  const call = (action: string) => ({ action, where: `stack ${name}`, meter: new Meter() });
  const { Stacks: [found] = [] } = await awsCall(call('cloudformation:DescribeStacks'), () =>
    client.send(new DescribeStacksCommand({ StackName: name })),
  ).catch((error: unknown) => {
    // CloudFormation's code for it is that of any wrong input.
    if (String(error).includes('does not exist')) throw missing(name, error);
    throw error;
  });
  if (found === undefined) throw missing(name);
  const resources: StackResource[] = [];
  for await (const { StackResourceSummaries = [] } of awsPages(
    call('cloudformation:ListStackResources'),
    (NextToken) => client.send(new ListStackResourcesCommand({ StackName: name, NextToken })),
  ))
    for (const { LogicalResourceId, PhysicalResourceId, ResourceType } of StackResourceSummaries)
      if (LogicalResourceId !== undefined && PhysicalResourceId !== undefined && ResourceType !== undefined)
        resources.push({
          logicalId: LogicalResourceId,
          physicalId: PhysicalResourceId,
          type: ResourceType,
        });
  const outputs = (found.Outputs ?? []).flatMap(({ OutputKey, OutputValue }) =>
    OutputKey === undefined || OutputValue === undefined ? [] : [[OutputKey, OutputValue] as const],
  );
  return ownPart({ name, status: found.StackStatus ?? '', outputs: Object.fromEntries(outputs), resources });
}

/** The CDK ends the logical id of what a construct makes with eight hexadecimal digits of a hash. */
const DEAD_LETTERS = /^(.*)TasksDeadLetters[0-9A-F]{8}$/;

/**
 * Of a stack that holds the construct `BursarAuditor` beside other things, what the construct made, by the names that it
 * has in a stack of its own: `BursarPlanSchedule...` is `PlanSchedule...`, the output `BursarTableNameCBE53C12` is `TableName`.
 */
function ownPart(stack: DeployedStack): DeployedStack {
  const [, construct = ''] =
    ofType(stack, 'AWS::SQS::Queue')
      .map(({ logicalId }) => DEAD_LETTERS.exec(logicalId))
      .find((found) => found !== null) ?? [];
  if (construct === '') return stack;
  const own = (id: string) => (id.startsWith(construct) ? [id.slice(construct.length)] : []);
  return {
    ...stack,
    outputs: Object.fromEntries(
      Object.entries(stack.outputs).flatMap(([id, value]) =>
        own(id).map((rest) => [rest.replace(/[0-9A-F]{8}$/, ''), value] as const),
      ),
    ),
    resources: stack.resources.flatMap((each) =>
      own(each.logicalId).map((logicalId) => ({ ...each, logicalId })),
    ),
  };
}

function missing(name: string, cause?: unknown): BursarError {
  return new BursarError('input', `there is no stack ${name} in this account and region`, {
    hint: 'Name it as deploy.stackName does, with credentials of its account, and deploy.region or AWS_REGION set.',
    cause,
  });
}

export function ofType({ resources }: DeployedStack, type: string): readonly StackResource[] {
  return resources.filter((each) => each.type === type);
}

/** Did the last deployment come to its end? (AWS CloudFormation User Guide, "Stack status codes") */
export function examineStack({ name, status }: DeployedStack): Examined {
  const what = `stack ${name}`;
  if (status === 'CREATE_COMPLETE' || status === 'UPDATE_COMPLETE' || status === 'IMPORT_COMPLETE')
    return { what, state: 'works', told: status, todo: null };
  if (status.endsWith('_IN_PROGRESS'))
    return { what, state: 'not tried', told: `${status}: what follows may change`, todo: null };
  return {
    what,
    state: 'fails',
    told: `${status}: the last deployment did not come to its end`,
    todo: `See why: aws cloudformation describe-stack-events --stack-name ${name}, then npx cdk deploy.`,
  };
}
