import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { awsCall } from '../../platform/aws-call.ts';
import { Meter } from '../../platform/meter.ts';
import type { Examined } from './examined.ts';

/** Can the ledger be brought back after a mistake, and does a slip not delete it? */
export async function examineTable(client: DynamoDBClient, TableName: string): Promise<Examined> {
  const what = `table ${TableName}`;
  const call = (action: string) => ({ action, where: what, meter: new Meter() });
  const { Table } = await awsCall(call('dynamodb:DescribeTable'), () =>
    client.send(new DescribeTableCommand({ TableName })),
  );
  const { ContinuousBackupsDescription: backups } = await awsCall(
    call('dynamodb:DescribeContinuousBackups'),
    () => client.send(new DescribeContinuousBackupsCommand({ TableName })),
  );
  const recovery = backups?.PointInTimeRecoveryDescription;
  const lacks = [
    ...(recovery?.PointInTimeRecoveryStatus === 'ENABLED' ? [] : ['point-in-time recovery']),
    ...(Table?.DeletionProtectionEnabled === true ? [] : ['deletion protection']),
  ];
  if (Table?.TableStatus !== 'ACTIVE')
    return {
      what,
      state: 'fails',
      told: `it is ${Table?.TableStatus ?? 'in no state that is told'}`,
      todo: null,
    };
  return lacks.length === 0
    ? { what, state: 'works', told: 'active, protected, with point-in-time recovery', todo: null }
    : {
        what,
        state: 'fails',
        told: `somebody switched off its ${lacks.join(' and its ')}`,
        todo: 'npx cdk deploy sets it again where the template changes; else switch it on in the console of DynamoDB.',
      };
}
