import { ListTagsCommand } from '@aws-sdk/client-sagemaker';
import { awsPages } from '../../platform/aws-call.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import { IncompleteError } from '../incomplete.ts';
import type { Collected, Resource } from '../model.ts';
import type { TypeAccelerators } from './accelerators.ts';
import { describeInstanceTypes } from './instance-types.ts';
import type { AwsSession } from './session.ts';
import { type PartedTags, partTags } from './tags.ts';

export const SAGEMAKER_TAGS_PERMISSION: Permission = {
  cloud: 'aws',
  action: 'sagemaker:ListTags',
  why: 'reads the tags of what SageMaker runs',
};

/** SageMaker throttles its control plane and describes one thing a call: so many at once. */
export const AT_ONCE = 4;

/** Every tag of a thing of SageMaker. */
export async function sagemakerTags(
  session: AwsSession,
  arn: string,
  where: string,
  meter: Meter,
): Promise<PartedTags> {
  const call = { action: SAGEMAKER_TAGS_PERMISSION.action, where, meter };
  const all: { Key?: string | undefined; Value?: string | undefined }[] = [];
  const pages = awsPages(call, (token) =>
    session.sagemaker.send(
      new ListTagsCommand({ ResourceArn: arn, ...(token === undefined ? {} : { NextToken: token }) }),
    ),
  );
  for await (const { Tags } of pages) all.push(...(Tags ?? []));
  return partTags(all);
}

/** SageMaker says by a ValidationException and its message alone that something does not exist. */
const SAYS_GONE = /RecordNotFound|could not find|does not exist/i;

/** What `work` gives; null where the thing was deleted between being listed and being described. */
export async function unlessGone<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    const cause = error instanceof BursarError ? error.cause : error;
    const known = cause instanceof Error && ['ValidationException', 'ResourceNotFound'].includes(cause.name);
    if (known && SAYS_GONE.test(cause.message)) return null;
    throw error;
  }
}

/** The EC2 type under an instance type of SageMaker: `ml.g5.xlarge` is a g5.xlarge (SageMaker AI pricing, "Instance details"). */
export function ec2Type(type: string): string {
  return type.replace(/^ml\./, '');
}

/**
 * Resources of machine types of EC2 or SageMaker, with what EC2 says of the type under each. Where EC2 does not say, or
 * may not be asked, they are kept with `acceleratorsUnknown`, and the dataset is incomplete: an unknown accelerator
 * is not a missing one.
 * @param types `g5.xlarge`, or as SageMaker names it, `ml.g5.xlarge`.
 */
export async function withAccelerators(
  session: AwsSession,
  types: readonly string[],
  where: string,
  meter: Meter,
  make: (known: ReadonlyMap<string, TypeAccelerators>) => Resource[],
): Promise<Collected> {
  const wanted = [...new Set(types)].toSorted();
  if (wanted.length === 0) return { resources: make(new Map()) };
  let byType: ReadonlyMap<string, TypeAccelerators>;
  try {
    byType = await describeInstanceTypes(session, wanted.map(ec2Type), where, meter);
  } catch (error) {
    if (!(error instanceof BursarError)) throw error;
    throw new IncompleteError(
      error.code,
      `what there is is known, its accelerators are not: ${error.message}`,
      { resources: make(new Map()) },
      { where, ...(error.hint === null ? {} : { hint: error.hint }), cause: error },
    );
  }
  const known = new Map(
    wanted.flatMap((type) => {
      const found = byType.get(ec2Type(type));
      return found === undefined ? [] : [[type, found] as const];
    }),
  );
  const resources = make(known);
  const unknown = wanted.filter((type) => !known.has(type));
  if (unknown.length > 0)
    throw new IncompleteError(
      'unavailable',
      `ec2:DescribeInstanceTypes does not describe what lies under ${unknown.join(', ')}: whether these have accelerators is unknown`,
      { resources },
      { where },
    );
  return { resources };
}
