import { type CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  type _InstanceType,
  CreateVolumeCommand,
  type EC2Client,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';

export interface Launched {
  readonly id: string;
  readonly privateDnsName: string;
}

/** Starts instances of a type and says what they are called. */
export async function launch(
  ec2: EC2Client,
  type: _InstanceType,
  count = 1,
  tags: Readonly<Record<string, string>> = {},
): Promise<Launched[]> {
  const { Instances } = await ec2.send(
    new RunInstancesCommand({
      ImageId: 'ami-12c6146b',
      InstanceType: type,
      MinCount: count,
      MaxCount: count,
      ...(Object.keys(tags).length === 0
        ? {}
        : {
            TagSpecifications: [
              {
                ResourceType: 'instance',
                Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
              },
            ],
          }),
    }),
  );
  return (Instances ?? []).map(({ InstanceId, PrivateDnsName }) => ({
    id: InstanceId ?? '',
    privateDnsName: PrivateDnsName ?? '',
  }));
}

export async function volume(ec2: EC2Client, zone: string): Promise<string> {
  const made = await ec2.send(
    new CreateVolumeCommand({ AvailabilityZone: zone, Size: 40, VolumeType: 'gp3' }),
  );
  return made.VolumeId ?? '';
}

export interface Sample {
  readonly at: Date;
  readonly value: number;
}

/** Publishes samples of one metric, a thousand a call as the API allows. */
export async function publish(
  cloudwatch: CloudWatchClient,
  namespace: string,
  metricName: string,
  dimensions: Readonly<Record<string, string>>,
  samples: readonly Sample[],
): Promise<void> {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  for (let from = 0; from < samples.length; from += 1000)
    await cloudwatch.send(
      new PutMetricDataCommand({
        Namespace: namespace,
        MetricData: samples.slice(from, from + 1000).map(({ at, value }) => ({
          MetricName: metricName,
          Dimensions,
          Timestamp: at,
          Value: value,
        })),
      }),
    );
}

/** The half hours of the last `hours` full hours before `now`, oldest first. */
export function halfHours(now: Date, hours: number): Date[] {
  const end = Math.floor(now.getTime() / 3_600_000) * 3_600_000;
  return Array.from({ length: hours }, (_, index) => new Date(end - (hours - index) * 3_600_000 + 1_800_000));
}
