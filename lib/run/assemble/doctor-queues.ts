import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { awsCall } from '../../platform/aws-call.ts';
import { Meter } from '../../platform/meter.ts';
import { type DeployedStack, ofType } from './doctor-stack.ts';
import { type Examined, unread } from './examined.ts';

/** Is something among the dead letters, and how much waits? Counts of SQS are approximate. */
export async function examineQueues(client: SQSClient, stack: DeployedStack): Promise<Examined[]> {
  const dead = stack.outputs['DeadLettersUrl'];
  const found: Examined[] = [];
  for (const { physicalId: url, logicalId } of ofType(stack, 'AWS::SQS::Queue')) {
    const isDead = url === dead;
    const what = isDead ? 'dead letters' : `queue ${logicalId.replace(/[0-9A-F]{8}$/, '')}`;
    try {
      const { waiting, taken } = await countsOf(client, url);
      found.push(
        isDead && waiting + taken > 0
          ? {
              what,
              state: 'fails',
              told: `${waiting + taken} tasks or scheduled starts failed for good`,
              todo: 'See docs/runbook.md, "A task that fails for good".',
            }
          : {
              what,
              state: 'works',
              told: isDead ? 'none' : `${waiting} wait, ${taken} are taken`,
              todo: null,
            },
      );
    } catch (error) {
      found.push(unread(what, error));
    }
  }
  return found;
}

async function countsOf(client: SQSClient, QueueUrl: string): Promise<{ waiting: number; taken: number }> {
  const { Attributes = {} } = await awsCall(
    { action: 'sqs:GetQueueAttributes', where: QueueUrl, meter: new Meter() },
    () =>
      client.send(
        new GetQueueAttributesCommand({
          QueueUrl,
          AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
        }),
      ),
  );
  return {
    waiting: Number(Attributes['ApproximateNumberOfMessages'] ?? 0),
    taken: Number(Attributes['ApproximateNumberOfMessagesNotVisible'] ?? 0),
  };
}
