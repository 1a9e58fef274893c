import { z } from 'zod';
import type { Config } from '../../config/schema.ts';
import { BursarError } from '../../platform/errors.ts';
import { sqsQueue } from '../../platform/queue.ts';
import { dispatch } from '../dispatch.ts';
import { newRunId } from '../run-id.ts';
import type { Task } from '../tasks.ts';
import { invocation, once, openDeployed, setting } from './deployed.ts';
import { GCP_BILLING } from './names.ts';
import { scopesOf } from './scopes.ts';
import { sqsClient } from './sqs.ts';
import { networkOf } from './store-networks.ts';

export interface Planner {
  run(): Promise<{ runId: string; tasks: number; unlisted: number }>;
}

/** Plans on a schedule. It carries no engine and no collector: it lists and sends. */
export const assemblePlan = once(async (): Promise<Planner> => {
  const { config, ledger, log } = await openDeployed('plan');
  const send = sender(
    config,
    setting('BURSAR_QUEUE_URL'),
    JSON.parse(process.env['BURSAR_STORE_QUEUES'] ?? '{}'),
  );
  const parts = { sources: billIds(config).map((id) => ({ id })), estates: scopesOf(config) };
  return {
    run: () =>
      invocation(log, 'planned', async (now) => {
        const runId = newRunId(now);
        return { runId, ...(await dispatch(parts, ledger, send, runId, now)) };
      }),
  };
});

/**
 * Sends each task to the queue of the function that can reach what it is about.
 * @param queueUrl takes what is reached from outside of any VPC
 * @param byNetwork queues of the functions in VPCs, by the id of their place
 */
function sender(
  { estate: { stores } }: Config,
  queueUrl: string,
  byNetwork: unknown,
): (tasks: readonly Task[]) => Promise<void> {
  const client = sqsClient();
  const urls = z.record(z.string(), z.string()).parse(byNetwork);
  return async (tasks) => {
    for (const [network, group] of Map.groupBy(tasks, (task) => networkOf(stores, task))) {
      const url = network === null ? queueUrl : urls[network];
      if (url === undefined)
        throw new BursarError('config', `no function is deployed into the VPC of ${network ?? ''}`, {
          where: 'BURSAR_STORE_QUEUES',
          hint: 'Deploy again with `cdk deploy`: the config names another network than the deployment.',
        });
      await sqsQueue(client, url).send(group.map((task) => JSON.stringify(task)));
    }
  };
}

/** Ids of the bills that the collector will know by the same config. */
function billIds({ sources, estate }: Config): string[] {
  return [...Object.keys(sources), ...(estate.gcp === undefined ? [] : [GCP_BILLING])];
}
