import type { Config } from '../../config/schema.ts';
import type { LedgerStore } from '../../ledger/model.ts';
import { type WatchParts, watchAi } from '../alerts/runaway.ts';
import type { SweepParts } from '../sweep/model.ts';
import { hourlyFeeds } from './ai-vendors.ts';
import { awsScopeSettings } from './aws-scope-settings.ts';
import { bedrockFeeds } from './bedrock-usage.ts';
import { alertSettings } from './config.ts';

/**
 * Watching of AI usage by the hour, as the config asks for it.
 * @param bedrock are the accounts of AWS looked at, too? A deployed sweep leaves that to the function of its own
 */
export function aiWatch(
  config: Config,
  parts: { readonly ledger: LedgerStore; readonly ownerOf: WatchParts['ownerOf'] },
  { bedrock }: { readonly bedrock: boolean },
): NonNullable<SweepParts['watchAi']> {
  const { runaway } = config.alerts;
  const accounts = runaway && bedrock ? awsScopeSettings(config) : null;
  const watched: WatchParts = {
    ...parts,
    feeds: runaway ? hourlyFeeds(config.sources) : [],
    further: accounts === null ? undefined : { name: 'bedrock', find: bedrockFeeds(accounts) },
    settings: alertSettings(config),
  };
  return async (runId, now) => await watchAi(watched, runId, now);
}
