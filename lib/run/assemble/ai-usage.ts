import { loggedProgress } from '../../platform/log.ts';
import { watchSweep } from '../sweep/watch.ts';
import { aiWatch } from './ai-watch.ts';
import { configured } from './config.ts';
import { invocation, once, openDeployed } from './deployed.ts';
import { tellingParts } from './telling.ts';

/** It begins nothing new after so long: its function has more time than that. */
const DEPLOYED_MS = 240_000;

export interface AiUsageWatch {
  run(): Promise<{ runId: string; told: number; faults: readonly string[] }>;
}

/** Looks by the hour whether AI usage runs away, and tells it at once; it stops and judges nothing else. */
export const assembleAiUsage = once(async (): Promise<AiUsageWatch> => {
  const deployed = await openDeployed('ai-usage');
  const { config, ledger, log } = deployed;
  const progress = loggedProgress(log);
  const { ownerOf } = configured(config, progress);
  return {
    run: () =>
      invocation(deployed, 'watched', async (now) => {
        const deadline = new Date(now.getTime() + DEPLOYED_MS);
        const parts = await tellingParts(config, ledger, () => new Date(), progress, deadline);
        const watchAi = aiWatch(config, { ledger, ownerOf }, { bedrock: true });
        const { runId, lines, faults } = await watchSweep({ ...parts, watchAi });
        return { runId, told: lines.filter(({ did }) => did === 'warned').length, faults };
      }),
  };
});
