import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { bedrockUsage } from '../../estate/aws/bedrock-usage.ts';
import { scopeName } from '../../estate/model.ts';
import { awsSessions } from '../../platform/aws-sessions.ts';
import type { Coverage } from '../../platform/coverage.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { BedrockRead, ReadBedrock } from '../efficiency.ts';
import { type AwsScopeSettings, awsScopes, ORGANISATION_REGION } from './aws-scopes.ts';

/** Calls of models in every account and region that is looked at. What a scope refuses is in the coverage. */
export function bedrockReader(settings: AwsScopeSettings, now: Date, meter: Meter): ReadBedrock {
  const scopes = awsScopes(settings);
  return async (span) => {
    const plan = await scopes.plan(now, meter);
    const { options, configOf } = await scopes.enter(meter);
    const sessionFor = awsSessions(
      options,
      (config) => ({ cloudwatch: new CloudWatchClient(config) }),
      configOf,
    );
    const read: BedrockRead[] = [];
    const coverage: Coverage[] = [...plan.coverage];
    for (const scope of plan.scopes) {
      if (scope.region === ORGANISATION_REGION) continue;
      const name = scopeName(scope);
      try {
        const days = await bedrockUsage(await sessionFor(scope), span, meter);
        read.push({ accountId: scope.accountId, region: scope.region, days });
        coverage.push({ scope: name, status: 'complete', reason: null, asOf: now.toISOString() });
      } catch (error) {
        if (!(error instanceof BursarError)) throw error;
        coverage.push({ scope: name, status: 'failed', reason: error.told, asOf: null });
      }
    }
    return { read, coverage };
  };
}
