import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { BedrockClient } from '@aws-sdk/client-bedrock';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { EKSClient } from '@aws-sdk/client-eks';
import { OpenSearchServerlessClient } from '@aws-sdk/client-opensearchserverless';
import { RDSClient } from '@aws-sdk/client-rds';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { STSClient } from '@aws-sdk/client-sts';
import type { AwsActClients } from '../../actions/aws-session.ts';
import { collectionData } from '../../actions/collection-http.ts';
import type { Config } from '../../config/schema.ts';
import { awsActSessions } from '../../platform/act-sessions.ts';
import { type AwsClientConfig, callerAccount } from '../../platform/aws-sessions.ts';
import { BursarError } from '../../platform/errors.ts';
import { Meter } from '../../platform/meter.ts';
import { sigv4Headers } from '../../platform/sigv4.ts';
import type { SweepParts } from '../sweep/model.ts';
import { gcpActSessions } from './act-gcp.ts';
import { exportsOf, storeActSessions } from './act-stores.ts';
import { awsBase } from './aws-base.ts';

const HOME_REGION = 'us-east-1';

function clients(config: AwsClientConfig, exports: string | undefined, meter: Meter): AwsActClients {
  const openSearchServerless = new OpenSearchServerlessClient(config);
  const sign = sigv4Headers(
    'aoss',
    config.region,
    async () => await openSearchServerless.config.credentials(),
  );
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
    openSearchServerless,
    collection: (endpoint) => collectionData(endpoint, sign, meter),
    exports: exportsOf(exports),
  };
}

/** Sessions that may act, one a finding: by the act role, or by the role that may write tags and nothing else. */
export function actSessions({ estate: { aws, gcp, stores } }: Pick<Config, 'estate'>): SweepParts['enter'] {
  const meter = new Meter();
  const enterGcp = gcpActSessions(gcp, meter);
  const enterStore = storeActSessions(stores, meter);
  const base = awsBase();
  const home = { ...base, region: process.env.AWS_REGION ?? HOME_REGION };
  const roles = { act: aws?.actRole ?? 'BursarAct', tag: aws?.tagRole };
  const external = aws?.externalId === undefined ? {} : { externalId: aws.externalId };
  const sts = new STSClient(home);
  const open = async (roleName: string) => {
    const own = await callerAccount(sts, meter);
    return awsActSessions({ own, base, assume: { roleName, ...external }, sts, meter }, (given) =>
      clients(given, aws?.exports, meter),
    );
  };
  const opened = new Map<string, ReturnType<typeof open>>();
  return async (action, finding) => {
    const { id: findingId, provider, accountId, region } = finding;
    if (provider === 'gcp') return await enterGcp(action.id, accountId);
    if (provider === 'postgres') return await enterStore(action.id, finding);
    const roleName = roles[action.role ?? 'act'];
    if (provider !== 'aws' || roleName === undefined)
      throw new BursarError('config', `no role is configured that may carry out ${action.id}`, {
        where: `${provider}:${accountId}`,
        hint: 'Nothing is done there; it is only warned about.',
      });
    const entering =
      opened.get(roleName) ??
      open(roleName).catch((error: unknown) => {
        opened.delete(roleName);
        throw error;
      });
    opened.set(roleName, entering);
    return await (await entering)({ accountId, region, findingId });
  };
}
