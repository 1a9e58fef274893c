import { type CheckSettings, ownerResolver } from '../../checks/index.ts';
import type { Config } from '../../config/schema.ts';
import { DEFAULT_THRESHOLDS } from '../../ledger/finding.ts';
import { Meter } from '../../platform/meter.ts';
import type { Progress } from '../../platform/progress.ts';
import type { AlertSettings } from '../alerts/model.ts';
import type { Auditor } from '../auditor.ts';
import type { TermsSettings } from '../terms.ts';
import { ratesInto } from './conversion.ts';

/** Scopes collected at once. */
const CONCURRENCY = 8;

/** What of an auditor the config alone decides. */
export function configured(
  config: Config,
  progress: Progress,
): Omit<Auditor, 'lake' | 'ledger' | 'sources' | 'estates'> {
  const defaultRequired = keysNamed(config);
  return {
    checks: {
      ...config.checks,
      untagged: { ...config.checks.untagged, defaultRequired },
      'tag-policy': { ...config.checks['tag-policy'], defaultRequired },
      'owner-conflict': { ...config.checks['owner-conflict'], ...teamsOf(config) },
      'unattributed-ai': { ...config.checks['unattributed-ai'], keys: keysOf(config.dimensions) },
    },
    ownerOf: ownerResolver(config.owners),
    creators: config.owners.creators,
    terms: termsSettings(config),
    thresholds: { ...DEFAULT_THRESHOLDS, ...config.severity },
    organisation: config.organisation,
    discounts: config.commitments.discounts,
    rates: config.commitments.rates,
    approvers: config.slack?.approvers ?? [],
    alerts: alertSettings(config),
    progress,
    asking: new Meter(),
    concurrency: CONCURRENCY,
  };
}

/** Which alerts there are, and who is told of them. */
export function alertSettings(config: Config): AlertSettings {
  const { alerts, budgets, conversion, dimensions, slack } = config;
  const { teams, fallback } = termsSettings(config);
  return {
    ...alerts,
    escalate: alerts.escalate ?? slack?.channels.team ?? null,
    budgets,
    rates: conversion === undefined ? null : ratesInto(conversion, process.cwd()),
    dimensions,
    teams: teams ?? {},
    fallback,
  };
}

/** Which policy applies to what, and who is told. */
export function termsSettings({ policies, guards, dimensions, owners, slack }: Config): TermsSettings {
  const channels = Object.entries(owners.teams).flatMap(([team, given]) => {
    const channel = typeof given === 'string' ? given : given.channel;
    return channel === undefined ? [] : [[team, channel] as const];
  });
  return {
    policies,
    production: guards.production,
    dimensions,
    ownerOf: ownerResolver(owners),
    accounts: owners.accounts,
    teams: Object.fromEntries(channels),
    fallback: owners.fallback ?? slack?.channels.team ?? null,
  };
}

/** The tag keys that owners and dimensions name: what is required where `checks.untagged.required` is not set. */
export function keysNamed({ owners, dimensions }: Pick<Config, 'owners' | 'dimensions'>): string[] {
  const byDimension = Object.values(dimensions).flatMap((rules) =>
    rules.flatMap((rule) => ('tag' in rule ? [rule.tag] : [])),
  );
  return [...new Set([...owners.tags, ...byDimension])];
}

/** What the config says of teams: by tag, by account or project, and by who is in them. */
function teamsOf({ dimensions, owners }: Config): Omit<CheckSettings['owner-conflict'], 'shared'> {
  const rules = dimensions['team'] ?? [];
  return {
    teamTags: rules.flatMap((rule) => ('tag' in rule ? [rule.tag] : [])),
    // Of two rules for one account the first counts, as in the dimension.
    teamByAccount: Object.fromEntries(
      rules.toReversed().flatMap((rule) => {
        if ('account' in rule) return Object.entries(rule.account);
        return 'project' in rule ? Object.entries(rule.project) : [];
      }),
    ),
    members: Object.fromEntries(
      Object.entries(owners.teams).map(([team, given]) => [
        team,
        typeof given === 'string' ? [] : given.members,
      ]),
    ),
  };
}

/** API keys that some dimension gives to somebody. */
function keysOf(dimensions: Config['dimensions']): string[] {
  const keys = Object.values(dimensions).flatMap((rules) =>
    rules.flatMap((rule) => ('key' in rule ? Object.keys(rule.key) : [])),
  );
  return [...new Set(keys)];
}
