import {
  DeleteScalingPolicyCommand,
  DeregisterScalableTargetCommand,
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import {
  CreateAutoScalingGroupCommand,
  CreateLaunchConfigurationCommand,
  DescribeAutoScalingGroupsCommand,
} from '@aws-sdk/client-auto-scaling';
import { CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateClusterCommand, CreateNodegroupCommand } from '@aws-sdk/client-eks';
import { CreateDBInstanceCommand } from '@aws-sdk/client-rds';
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  CreateNotebookInstanceCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from '@aws-sdk/client-sagemaker';
import { STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { autoscalingScaleToZero } from '../../lib/actions/aws-autoscaling-scale-to-zero.ts';
import { ebsSnapshotDeleteVolume } from '../../lib/actions/aws-ebs-snapshot-delete-volume.ts';
import { ec2Stop } from '../../lib/actions/aws-ec2-stop.ts';
import { eksNodegroupToZero } from '../../lib/actions/aws-eks-nodegroup-to-zero.ts';
import { logsRetention } from '../../lib/actions/aws-logs-retention.ts';
import { rdsStop } from '../../lib/actions/aws-rds-stop.ts';
import { sagemakerEndpointDelete } from '../../lib/actions/aws-sagemaker-endpoint-delete.ts';
import { sagemakerNotebookStop } from '../../lib/actions/aws-sagemaker-notebook-stop.ts';
import type { AwsActSession } from '../../lib/actions/aws-session.ts';
import { tagsFix } from '../../lib/actions/aws-tags-fix.ts';
import type { Action, Target } from '../../lib/actions/model.ts';
import { RETENTION_EVIDENCE } from '../../lib/checks/logs-kept-for-ever.ts';
import { AWS_RETRY, assumedRole } from '../../lib/platform/aws-sessions.ts';
import { Meter } from '../../lib/platform/meter.ts';
import { actClients, awsTarget } from '../actions/aws.ts';
import { notMissed, wholeJob } from '../actions/rights.ts';
import { resetMoto } from '../counterparts/moto.ts';
import { OTHER } from '../estate/aws/emulated.ts';
import { launch, volume } from '../estate/aws/fleet.ts';

/*
 * The act role by action: in another account, in a session of the role that holds what one action declares and nothing
 * else, the action does its whole job and brings back; with any one right less it does not, but for those that are told
 * why. Each call is held against the role's policy, by action; conditions and denies are judged in
 * member-roles-evaluated.long.test.ts, since this AWS takes a conditional deny as absolute. Actions on what this AWS has
 * not are tried in the same way in their own tests: Studio apps, provisioned throughput, collections.
 */

const moto = inject('motoUrl');
const REGION = 'us-east-1';
const ROLE = 'BursarAct';

/** Is every call from now on held against policies? */
async function enforce(on: boolean): Promise<void> {
  const answer = await fetch(`${moto}/moto-api/reset-auth`, { method: 'POST', body: on ? '0' : 'Infinity' });
  expect(answer.status).toBe(200);
}

beforeEach(() => resetMoto(moto));
afterEach(() => enforce(false));

interface Job {
  readonly action: Action<AwsActSession>;
  readonly make: (session: AwsActSession) => Promise<Target>;
  /** What AWS does by itself once it is carried out, and this one does not. */
  readonly between?: (session: AwsActSession) => Promise<unknown>;
  /** Declared, and not missed by this job: the part of it that needs them is not played here. */
  readonly elsewhere: Readonly<Record<string, string>>;
}

const inOther = (resourceType: string, resourceId: string, evidence = {}): Target => ({
  ...awsTarget(resourceType, resourceId, evidence),
  accountId: OTHER,
});
const arn = (service: string, part: string) => `arn:aws:${service}:${REGION}:${OTHER}:${part}`;
const arnOfRole = (name: string) => `arn:aws:iam::${OTHER}:role/${name}`;
/** What Application Auto Scaling scales of the endpoint. */
const VARIANT = {
  ServiceNamespace: 'sagemaker',
  ResourceId: 'endpoint/chat/variant/main',
  ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
} as const;
const KEYS = 'the volume is encrypted with a key of AWS, or with none';

const JOBS: readonly Job[] = [
  {
    action: ec2Stop,
    make: async ({ ec2 }) => {
      const [one] = await launch(ec2, 'g4dn.xlarge', 1, {});
      return inOther('aws:ec2:instance', arn('ec2', `instance/${one?.id}`));
    },
    elsewhere: { 'kms:CreateGrant': KEYS },
  },
  {
    action: ebsSnapshotDeleteVolume,
    make: async ({ ec2 }) =>
      inOther('aws:ec2:volume', arn('ec2', `volume/${await volume(ec2, 'us-east-1a')}`)),
    elsewhere: {
      'ec2:CreateTags': 'AWS asks for it where something is made with its tags; this one does not',
      ...Object.fromEntries(
        [
          'CreateGrant',
          'Decrypt',
          'DescribeKey',
          'GenerateDataKeyWithoutPlaintext',
          'ReEncryptFrom',
          'ReEncryptTo',
        ].map((right) => [`kms:${right}`, KEYS]),
      ),
    },
  },
  {
    action: rdsStop,
    make: async ({ rds }) => {
      await rds.send(
        new CreateDBInstanceCommand({
          DBInstanceIdentifier: 'orders',
          DBInstanceClass: 'db.m6g.large',
          Engine: 'postgres',
          AllocatedStorage: 100,
          MasterUsername: 'root',
          MasterUserPassword: 'only-for-tests',
        }),
      );
      return inOther('aws:rds:db', arn('rds', 'db:orders'));
    },
    elsewhere: Object.fromEntries(
      ['DescribeDBClusters', 'StartDBCluster', 'StopDBCluster'].map((right) => [
        `rds:${right}`,
        'of clusters, not of an instance by itself',
      ]),
    ),
  },
  {
    action: logsRetention,
    make: async ({ logs }) => {
      await logs.send(new CreateLogGroupCommand({ logGroupName: '/app/api' }));
      return inOther('aws:logs:log-group', arn('logs', 'log-group:/app/api:*'), {
        [RETENTION_EVIDENCE]: '30',
      });
    },
    elsewhere: {},
  },
  {
    action: autoscalingScaleToZero,
    async make({ autoScaling }) {
      const name = { LaunchConfigurationName: 'train' };
      await autoScaling.send(
        new CreateLaunchConfigurationCommand({
          ...name,
          ImageId: 'ami-12c6146b',
          InstanceType: 'g4dn.xlarge',
        }),
      );
      const group = { AutoScalingGroupName: 'train', MinSize: 1, MaxSize: 5, DesiredCapacity: 2 };
      await autoScaling.send(
        new CreateAutoScalingGroupCommand({ ...name, ...group, AvailabilityZones: ['us-east-1a'] }),
      );
      const { AutoScalingGroups } = await autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
      return inOther('aws:autoscaling:group', AutoScalingGroups?.[0]?.AutoScalingGroupARN ?? '');
    },
    elsewhere: {},
  },
  {
    action: eksNodegroupToZero,
    async make({ eks }) {
      const resourcesVpcConfig = { subnetIds: ['subnet-1'] };
      await eks.send(new CreateClusterCommand({ name: 'ml', roleArn: arnOfRole('ml'), resourcesVpcConfig }));
      const { nodegroup } = await eks.send(
        new CreateNodegroupCommand({
          clusterName: 'ml',
          nodegroupName: 'gpu',
          subnets: ['subnet-1'],
          nodeRole: arnOfRole('nodes'),
          scalingConfig: { minSize: 1, maxSize: 4, desiredSize: 2 },
        }),
      );
      return inOther('aws:eks:nodegroup', nodegroup?.nodegroupArn ?? '');
    },
    elsewhere: {},
  },
  {
    action: sagemakerNotebookStop,
    async make({ sagemaker }) {
      const lab = {
        NotebookInstanceName: 'lab',
        InstanceType: 'ml.p3.2xlarge',
        RoleArn: arnOfRole('ml'),
      } as const;
      await sagemaker.send(new CreateNotebookInstanceCommand(lab));
      return inOther('aws:sagemaker:notebook-instance', arn('sagemaker', 'notebook-instance/lab'));
    },
    elsewhere: {},
  },
  {
    action: sagemakerEndpointDelete,
    async make({ sagemaker, applicationAutoScaling }) {
      const Image = { ExecutionRoleArn: arnOfRole('ml'), PrimaryContainer: { Image: 'i' } };
      await sagemaker.send(new CreateModelCommand({ ModelName: 'm', ...Image }));
      const chat = { EndpointName: 'chat', EndpointConfigName: 'chat-v1' };
      const main = { VariantName: 'main', ModelName: 'm', InstanceType: 'ml.g4dn.xlarge' } as const;
      const ProductionVariants = [{ ...main, InitialInstanceCount: 1, InitialVariantWeight: 1 }];
      await sagemaker.send(new CreateEndpointConfigCommand({ ...chat, ProductionVariants }));
      await sagemaker.send(new CreateEndpointCommand({ ...chat, Tags: [{ Key: 'team', Value: 'llm' }] }));
      const DesiredWeightsAndCapacities = [
        { VariantName: 'main', DesiredWeight: 2, DesiredInstanceCount: 3 },
      ];
      await sagemaker.send(
        new UpdateEndpointWeightsAndCapacitiesCommand({ ...chat, DesiredWeightsAndCapacities }),
      );
      await applicationAutoScaling.send(
        new RegisterScalableTargetCommand({ ...VARIANT, MinCapacity: 1, MaxCapacity: 8 }),
      );
      const PredefinedMetricSpecification = {
        PredefinedMetricType: 'SageMakerVariantInvocationsPerInstance',
      } as const;
      await applicationAutoScaling.send(
        new PutScalingPolicyCommand({
          ...VARIANT,
          PolicyName: 'load',
          PolicyType: 'TargetTrackingScaling',
          TargetTrackingScalingPolicyConfiguration: { TargetValue: 70, PredefinedMetricSpecification },
        }),
      );
      return inOther('aws:sagemaker:endpoint', arn('sagemaker', 'endpoint/chat'));
    },
    // Application Auto Scaling forgets what scaled a thing that is gone.
    async between({ applicationAutoScaling }) {
      await applicationAutoScaling.send(new DeleteScalingPolicyCommand({ ...VARIANT, PolicyName: 'load' }));
      await applicationAutoScaling.send(new DeregisterScalableTargetCommand(VARIANT));
    },
    elsewhere: {
      'sagemaker:AddTags': 'AWS asks for it where something is made with its tags; this one does not',
      'cloudwatch:DescribeAlarms': 'AWS asks for it where a policy makes its alarms; this one does not',
      'cloudwatch:PutMetricAlarm': 'AWS asks for it where a policy makes its alarms; this one does not',
    },
  },
  {
    action: tagsFix(['do-not-stop']),
    async make({ ec2 }) {
      const [one] = await launch(ec2, 't3.micro', 1, { 'Owner ': 'ana@example.com' });
      return inOther('aws:ec2:instance', arn('ec2', `instance/${one?.id}`), {
        'fix of 0': 'rename "Owner " to "owner" = "ana@example.com"',
      });
    },
    elsewhere: {},
  },
];

async function iam(accessKeyId: string, call: Record<string, string>): Promise<void> {
  const answer = await fetch(moto, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20261120/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=x`,
    },
    body: new URLSearchParams({ ...call, Version: '2010-05-08' }),
  });
  expect([answer.status, await answer.text()]).toEqual([200, expect.any(String)]);
}

/** A resource of the other account, and the whole job on it with a role that holds these rights; throws what is refused. */
async function played({ action, make, between }: Job, rights: ReadonlySet<string>): Promise<void> {
  await enforce(false);
  await resetMoto(moto);
  const base = { endpoint: moto, region: REGION, ...AWS_RETRY, maxAttempts: 1 };
  const sts = new STSClient({ ...base, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  const entering = { accountId: OTHER, partition: 'aws', roleName: ROLE };
  const credentials = assumedRole(sts, entering, new Meter());
  const { accessKeyId } = await credentials();
  const session: AwsActSession = {
    accountId: OTHER,
    region: REGION,
    partition: 'aws',
    meter: new Meter(),
    ...actClients({ ...base, credentials }),
  };
  const target = await make(session);
  await iam(accessKeyId, { Action: 'CreateRole', RoleName: ROLE, AssumeRolePolicyDocument: '{}' });
  await iam(accessKeyId, {
    Action: 'PutRolePolicy',
    RoleName: ROLE,
    PolicyName: 'Bursar',
    PolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: [...rights], Resource: '*' }],
    }),
  });
  await enforce(true);
  await wholeJob(action, target, session, async () => {
    if (between === undefined) return;
    await enforce(false);
    await between(session);
    await enforce(true);
  });
}

test.each(JOBS.map((job) => [job.action.id, job] as const))(
  '%s does its job with the rights that it declares, and misses each that is taken away',
  async (_, job) => {
    const spare = await notMissed(job.action, (rights) => played(job, rights));
    expect(spare).toEqual(Object.keys(job.elsewhere).toSorted());
  },
);
