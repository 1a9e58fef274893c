import type { Config } from '../../config/schema.ts';
import { audienceOf } from '../../digest/audience.ts';
import type { Audience, PeriodKind } from '../../digest/model.ts';
import { BursarError } from '../../platform/errors.ts';
import { termsSettings } from './config.ts';
import { DIGEST } from './names.ts';

/** A digest of the config: `digest` itself (`main`) or one of `digest.also`. */
export interface DigestSettings {
  readonly id: string;
  readonly audience: Audience;
  readonly period: PeriodKind;
  readonly schedule: string;
  /** Left out: that of the audience. */
  readonly channel: string | undefined;
}

/** All digests that are sent on a schedule, the main one first. */
export function digestsOf({ digest }: Pick<Config, 'digest'>): DigestSettings[] {
  const main = {
    id: DIGEST,
    audience: { kind: 'everyone' },
    period: digest.period,
    schedule: digest.schedule,
    channel: undefined,
  } as const;
  return [
    main,
    ...Object.entries(digest.also).map(([id, { for: whom, period, schedule, channel }]) => ({
      id,
      audience: audienceOf(whom),
      period,
      schedule,
      channel,
    })),
  ];
}

/** @throws BursarError for an id that the config does not name */
export function digestNamed(config: Pick<Config, 'digest'>, id: string): DigestSettings {
  const found = digestsOf(config).find((each) => each.id === id);
  if (found === undefined)
    throw new BursarError('config', `there is no digest ${JSON.stringify(id)}`, {
      where: 'digest.also',
      hint: 'Deploy again: the schedule is of a config that is no longer here.',
    });
  return found;
}

/**
 * Where a digest is posted: the channel that it names; a team's where the team is; every other where the main one is.
 * A team's digest never goes where others read it unasked.
 * @returns undefined for the channel of the main digest
 */
export function digestChannel(
  config: Config,
  audience: Audience,
  named: string | undefined,
): string | undefined {
  if (named !== undefined || audience.kind !== 'team') return named;
  const teams = termsSettings(config).teams ?? {};
  const channel = Object.hasOwn(teams, audience.team) ? teams[audience.team] : undefined;
  if (channel === undefined)
    throw new BursarError('config', `the team ${JSON.stringify(audience.team)} has no channel`, {
      where: 'owners.teams',
      hint: `Write owners: { teams: { ${JSON.stringify(audience.team)}: "#its-channel" } }, or name a channel for this digest.`,
    });
  return channel;
}
