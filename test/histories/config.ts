import type { WorkCalendar } from '../../lib/ledger/calendar.ts';
import type { Mode, Policy } from '../../lib/ledger/policy.ts';
import type { TermsSettings } from '../../lib/run/terms.ts';
import type { Random } from './random.ts';

/** What an admin has written, as simply as a checker can read it. */
export interface Config {
  /** By value of the tag `env`; `*` for any other and for none. */
  readonly policies: Readonly<
    Record<'research' | 'batch' | '*', { readonly mode: Mode; readonly hours: number }>
  >;
  /** The policies name the check for GPUs, before every other. */
  readonly named: boolean;
  readonly paused: boolean;
  readonly perDay: number;
  /** Sum of monthly costs, USD, whole; null for no cap. */
  readonly money: number | null;
  readonly canary: boolean;
  /** Hours of the day (UTC) in which nothing is stopped, over midnight; null for none. */
  readonly quiet: { readonly from: number; readonly to: number } | null;
  /** Who answers for the account: an address, or nobody. */
  readonly account: string | null;
  readonly fallback: string | null;
  /** How many times an owner may keep something. */
  readonly mostSnoozes: number;
}

export const ACCOUNT = '111122223333';
export const CHANNEL = '#finops';
export const PROTECTED = 'do-not-stop';

export function someConfig(random: Random): Config {
  const mode = (): Mode => random.pick(['stop', 'stop', 'stop', 'stop', 'stop', 'warn', 'flag', 'off']);
  const hours = () => random.pick([8, 24, 48, 72]);
  return {
    policies: {
      research: { mode: random.chance(0.8) ? 'stop' : mode(), hours: hours() },
      batch: { mode: mode(), hours: hours() },
      '*': { mode: mode(), hours: hours() },
    },
    named: random.chance(0.5),
    paused: random.chance(0.03),
    perDay: random.pick([20, 20, 20, 2, 1]),
    money: random.pick([null, null, null, 1000, 5000]),
    canary: random.chance(0.3),
    quiet: random.chance(0.25) ? { from: 18, to: 8 } : null,
    account: random.chance(0.3) ? 'cyd@acme.example' : null,
    fallback: random.chance(0.9) ? CHANNEL : null,
    mostSnoozes: random.pick([1, 2, 3]),
  };
}

/** The same as the use cases read it. */
export function termsOf(config: Config): TermsSettings {
  const rule = (env: 'research' | 'batch' | '*', check = '*'): Policy => {
    const { mode, hours } = config.policies[env];
    return {
      check,
      ...(env === '*' ? {} : { where: { environment: env } }),
      mode,
      ...(mode === 'stop' ? { grace: `${hours} hours` } : {}),
    };
  };
  return {
    policies: (['research', 'batch', '*'] as const).flatMap((env) =>
      config.named ? [rule(env, 'idle-gpu'), rule(env)] : [rule(env)],
    ),
    production: ['prod'],
    dimensions: { environment: [{ tag: 'env' }] },
    ownerOf: ({ tags }) => {
      const id = tags?.['owner'];
      return id === undefined || id === '' ? null : { id, source: 'tag owner', confidence: 'high' };
    },
    accounts: config.account === null ? {} : { [ACCOUNT]: config.account },
    fallback: config.fallback,
  };
}

export function calendarsOf({ quiet }: Config): readonly WorkCalendar[] {
  const hours = quiet === null ? null : { from: quiet.from * 60, to: quiet.to * 60 };
  return [{ timezone: 'UTC', holidays: new Set(), quiet: hours, weekends: true }];
}
