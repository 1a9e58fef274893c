import { z } from 'zod';
import type { Config } from '../../config/schema.ts';
import { dispatch } from '../dispatch.ts';
import { newRunId } from '../run-id.ts';
import { invocation, once, openDeployed, setting } from './deployed.ts';
import { GCP_BILLING } from './names.ts';
import { scopesOf } from './scopes.ts';
import { sqsClient } from './sqs.ts';
import { taskSender } from './task-sender.ts';

export interface Planner {
  run(): Promise<{ runId: string; tasks: number; unlisted: number }>;
}

/** Plans on a schedule. It carries no engine and no collector: it lists and sends. */
export const assemblePlan = once(async (): Promise<Planner> => {
  const deployed = await openDeployed('plan');
  const { config, ledger } = deployed;
  const queues = z
    .record(z.string(), z.string())
    .parse(JSON.parse(process.env['BURSAR_STORE_QUEUES'] ?? '{}'));
  const send = taskSender(config.estate.stores, sqsClient(), setting('BURSAR_QUEUE_URL'), queues);
  const parts = { sources: billIds(config).map((id) => ({ id })), estates: scopesOf(config) };
  return {
    run: () =>
      invocation(
        deployed,
        'planned',
        async (now) => {
          const runId = newRunId(now);
          return { runId, ...(await dispatch(parts, ledger, send, runId, now)) };
        },
        ({ tasks, unlisted }) => ({ tasks, gaps: unlisted }),
      ),
  };
});

/** Ids of the bills that the collector will know by the same config. */
function billIds({ sources, estate }: Config): string[] {
  return [...Object.keys(sources), ...(estate.gcp === undefined ? [] : [GCP_BILLING])];
}
