import type { Config } from '../../config/schema.ts';
import type { Entry } from './permissions.ts';
import { takesClicks, tellsAlarms } from './slack-scopes.ts';

const ALWAYS = ['plan', 'collect', 'audit', 'sweep', 'digest'] as const satisfies readonly Entry[];

/** The functions that a deployment of this config has, by their files under functions/. */
export function deployedEntries(config: Config): readonly Entry[] {
  return [
    ...ALWAYS,
    ...(watchesAi(config) ? (['ai-usage'] as const) : []),
    ...(takesClicks(config) ? (['slack'] as const) : []),
    ...(tellsAlarms(config) ? (['alarm'] as const) : []),
  ];
}

/** Is there AI usage to be watched by the hour: Bedrock in an account that is looked at, or a vendor whose bill is read? */
export function watchesAi({
  alerts,
  estate,
  sources,
}: Pick<Config, 'alerts' | 'estate' | 'sources'>): boolean {
  const vendors = Object.values(sources).some(({ type }) => type === 'openai' || type === 'anthropic');
  return alerts.runaway && (estate.aws !== undefined || vendors);
}
