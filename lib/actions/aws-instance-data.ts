import { DescribeInstancesCommand, type Instance } from '@aws-sdk/client-ec2';
import { describeTypes } from './aws-ec2-instance.ts';
import { type AwsActSession, act } from './aws-session.ts';

/** A filter takes at most 200 values (EC2 API Reference, "Filtering using the API"). */
const BATCH = 200;

/**
 * What of these instances ends with them, in sentences: volumes that go when their instance is terminated
 * (`DeleteOnTermination`, the root's among them: an image brings back what it holds, not what was written since) and
 * instance store. What EC2 does not tell of an instance may be lost, and is said so. Empty: nothing is kept on them
 * that a termination would take.
 */
export async function dataThatGoes(session: AwsActSession, ids: readonly string[]): Promise<string[]> {
  const instances = await described(session, ids);
  const types = await describeTypes(
    session,
    instances.flatMap(({ InstanceType }) => InstanceType ?? []),
  );
  const volumes = instances.flatMap(
    ({ BlockDeviceMappings }) =>
      BlockDeviceMappings?.flatMap(({ Ebs }) => (Ebs?.DeleteOnTermination === false ? [] : [Ebs])) ?? [],
  );
  const stored = instances.filter(
    ({ InstanceType, RootDeviceType }) =>
      RootDeviceType === 'instance-store' || types.get(InstanceType ?? '')?.InstanceStorageSupported === true,
  );
  const seen = new Set(instances.flatMap(({ InstanceId }) => InstanceId ?? []));
  const unknown = ids.filter((id) => !seen.has(id));
  const untyped = instances.filter(({ InstanceType }) => !types.has(InstanceType ?? ''));
  return [
    ...(volumes.length === 0
      ? []
      : [`${counted(volumes.length, 'volume')} with what was written to ${pronoun(volumes.length)}.`]),
    ...(stored.length === 0 ? [] : [`The instance store of ${counted(stored.length, 'instance')}.`]),
    ...(unknown.length + untyped.length === 0
      ? []
      : [
          `Whatever ${counted(unknown.length + untyped.length, 'instance')} may hold that EC2 did not describe.`,
        ]),
  ];
}

async function described(session: AwsActSession, ids: readonly string[]): Promise<Instance[]> {
  const found: Instance[] = [];
  for (let from = 0; from < ids.length; from += BATCH) {
    let token: string | undefined;
    do {
      // By filter: by parameter, one instance that ended meanwhile fails the whole call.
      const next = token === undefined ? {} : { NextToken: token };
      const Filters = [{ Name: 'instance-id', Values: ids.slice(from, from + BATCH) }];
      const page = await act(session, 'ec2:DescribeInstances', () =>
        session.ec2.send(new DescribeInstancesCommand({ Filters, ...next })),
      );
      found.push(...(page.Reservations ?? []).flatMap(({ Instances }) => Instances ?? []));
      token = page.NextToken === '' ? undefined : page.NextToken;
    } while (token !== undefined);
  }
  return found.filter(({ State }) => State?.Name !== 'terminated');
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

function pronoun(count: number): string {
  return count === 1 ? 'it' : 'them';
}
