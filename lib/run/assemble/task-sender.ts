import type { SQSClient } from '@aws-sdk/client-sqs';
import { BursarError } from '../../platform/errors.ts';
import { sqsQueue } from '../../platform/queue.ts';
import type { Task } from '../tasks.ts';
import { networkOf } from './store-networks.ts';
import type { Stores } from './store-scopes.ts';

/**
 * Sends each task to the queue of the function that can reach what it is about.
 * @param queueUrl takes what is reached from outside of any VPC
 * @param byNetwork queues of the functions in VPCs, by the id of their place
 */
export function taskSender(
  stores: Stores,
  client: SQSClient,
  queueUrl: string,
  byNetwork: Readonly<Record<string, string>>,
): (tasks: readonly Task[]) => Promise<void> {
  return async (tasks) => {
    for (const [network, group] of Map.groupBy(tasks, (task) => networkOf(stores, task))) {
      const url = network === null ? queueUrl : byNetwork[network];
      if (url === undefined)
        throw new BursarError('config', `no function is deployed into the network ${network ?? ''}`, {
          where: 'estate.stores',
          hint: 'Deploy again with `cdk deploy`: the config names another network than the deployment.',
        });
      await sqsQueue(client, url).send(group.map((task) => JSON.stringify(task)));
    }
  };
}
