import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { bedrockHours } from '../../estate/aws/bedrock-hourly.ts';
import { bedrockUsage } from '../../estate/aws/bedrock-usage.ts';
import { type Scope, scopeName } from '../../estate/model.ts';
import { type AwsSessionOptions, type awsConfigs, awsSessions } from '../../platform/aws-sessions.ts';
import type { Coverage } from '../../platform/coverage.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { HourlyFeed } from '../../sources/ai-vendor/hourly.ts';
import type { FoundFeeds } from '../alerts/runaway.ts';
import type { BedrockRead, ReadBedrock } from '../efficiency-model.ts';
import { type AwsScopeSettings, awsScopes, ORGANISATION_REGION } from './aws-scopes.ts';

/** Tokens of models by the hour, in every account and region that is looked at: a feed each. */
export function bedrockFeeds(settings: AwsScopeSettings): (now: Date, meter: Meter) => Promise<FoundFeeds> {
  const scopes = awsScopes(settings);
  return async (now, meter) => {
    const plan = await scopes.plan(now, meter);
    const { options, configOf } = await scopes.enter(meter);
    const sessionFor = cloudWatchSessions(options, configOf);
    return {
      feeds: plan.scopes
        .filter(({ region }) => region !== ORGANISATION_REGION)
        .map((scope) => feedOf(scope, sessionFor)),
      faults: plan.coverage
        .filter(({ status }) => status !== 'complete')
        .map(
          ({ scope, reason }) =>
            `AI usage in ${scope} could not be watched: ${reason ?? 'it was not listed'}`,
        ),
    };
  };
}

function feedOf(scope: Scope, sessionFor: ReturnType<typeof cloudWatchSessions>): HourlyFeed {
  return {
    id: `bedrock:${scopeName(scope)}`,
    vendor: 'bedrock',
    region: scope.region,
    async usage(span, meter) {
      const hours = await bedrockHours(await sessionFor(scope), span, meter);
      return hours.map(({ at, model, count, tokens }) => ({
        at,
        subAccount: scope.accountId,
        model,
        measure: count,
        variant: null,
        tier: null,
        context: null,
        tokens,
      }));
    },
  };
}

function cloudWatchSessions(options: AwsSessionOptions, configOf: ReturnType<typeof awsConfigs>) {
  return awsSessions(options, (config) => ({ cloudwatch: new CloudWatchClient(config) }), configOf);
}

/** Calls of models in every account and region that is looked at. What a scope refuses is in the coverage. */
export function bedrockReader(settings: AwsScopeSettings, now: Date, meter: Meter): ReadBedrock {
  const scopes = awsScopes(settings);
  return async (span) => {
    const plan = await scopes.plan(now, meter);
    const { options, configOf } = await scopes.enter(meter);
    const sessionFor = cloudWatchSessions(options, configOf);
    const read: BedrockRead[] = [];
    const coverage: Coverage[] = [...plan.coverage];
    for (const scope of plan.scopes) {
      if (scope.region === ORGANISATION_REGION) continue;
      const name = scopeName(scope);
      try {
        const days = await bedrockUsage(await sessionFor(scope), span, meter);
        read.push({
          accountId: scope.accountId,
          region: scope.region,
          from: span.start,
          until: span.end,
          days,
        });
        coverage.push({ scope: name, status: 'complete', reason: null, asOf: now.toISOString() });
      } catch (error) {
        if (!(error instanceof BursarError)) throw error;
        coverage.push({ scope: name, status: 'failed', reason: error.told, asOf: null });
      }
    }
    return { read, coverage };
  };
}
