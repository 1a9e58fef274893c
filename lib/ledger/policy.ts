import { Decimal, decimal } from '../focus/decimal.ts';
import type { Money } from '../focus/money.ts';

export type Mode = 'off' | 'flag' | 'warn' | 'stop';
type OneOrMore = string | readonly string[];

/** What narrows a policy: every condition must hold; any other key is the name of a dimension. */
export interface Where {
  readonly provider?: OneOrMore | undefined;
  readonly account?: OneOrMore | undefined;
  readonly resourceType?: OneOrMore | undefined;
  readonly aiClass?: OneOrMore | undefined;
  readonly tags?: Readonly<Record<string, OneOrMore>> | undefined;
  readonly costAbove?: Readonly<Record<string, string>> | undefined;
  readonly [dimension: string]: OneOrMore | Readonly<Record<string, OneOrMore>> | undefined;
}

/** One rule of the config's `policies`. */
export interface Policy {
  /** Id of a check, or `*`. */
  readonly check: string;
  readonly where?: Where | undefined;
  readonly mode: Mode;
  readonly grace?: string | undefined;
}

/** What a policy is asked about. */
export interface PolicySubject {
  readonly check: string;
  readonly provider: string;
  readonly accountId: string;
  readonly resourceType: string;
  readonly aiClass: string | null;
  readonly tags: Readonly<Record<string, string>>;
  /** Values by dimension name. */
  readonly dimensions: Readonly<Record<string, string>>;
  readonly monthlyCost: Money | null;
}

/** The rule that applies, and what it comes to. */
export interface Applied {
  readonly mode: Mode;
  /** Its place in the config, from 0; null where none matches. */
  readonly index: number | null;
  readonly policy: Policy | null;
  /** One sentence for `bursar explain`. */
  readonly reason: string;
}

/** The dimension whose value says that something is production. */
const ENVIRONMENT = 'environment';

/**
 * The first policy that matches; flag where none does. What runs in production is at most warned, unless the
 * rule itself names that environment.
 */
export function policyFor(
  subject: PolicySubject,
  policies: readonly Policy[],
  production: readonly string[],
): Applied {
  const index = policies.findIndex((policy) => matches(policy, subject));
  const policy = policies[index];
  if (policy === undefined)
    return { mode: 'flag', index: null, policy: null, reason: 'no policy matches, so it is only flagged' };
  const name = `policy ${index + 1} (check ${policy.check}, mode ${policy.mode})`;
  const environment = valueOf(subject.dimensions, ENVIRONMENT);
  const isProduction =
    environment !== null && production.some((word) => word.toLowerCase() === environment.toLowerCase());
  const named = isProduction && holds(policy.where?.[ENVIRONMENT], environment);
  if (policy.mode === 'stop' && isProduction && !named)
    return {
      mode: 'warn',
      index,
      policy,
      reason: `${name} matches first, but ${environment} is production and the policy does not name it: warned at most`,
    };
  return { mode: policy.mode, index, policy, reason: `${name} matches first${SILENT[policy.mode]}` };
}

/** What a mode comes to under which nobody is told. */
const SILENT: Readonly<Record<Mode, string>> = {
  off: ', so nobody is told of it',
  flag: ', so it is only flagged',
  warn: '',
  stop: '',
};

function matches({ check, where = {} }: Policy, subject: PolicySubject): boolean {
  if (check !== '*' && check !== subject.check) return false;
  const { provider, account, resourceType, aiClass, tags, costAbove, ...dimensions } = where;
  const named: readonly (readonly [Where[string], string | null])[] = [
    [provider, subject.provider],
    [account, subject.accountId],
    [resourceType, subject.resourceType],
    [aiClass, subject.aiClass],
    ...Object.entries(tags ?? {}).map(([key, wanted]) => [wanted, valueOf(subject.tags, key)] as const),
    ...Object.entries(dimensions).map(
      ([name, wanted]) => [wanted, valueOf(subject.dimensions, name)] as const,
    ),
  ];
  return (
    named.every(([wanted, value]) => wanted === undefined || (value !== null && holds(wanted, value))) &&
    costsMore(costAbove, subject.monthlyCost)
  );
}

function holds(wanted: Where[string], value: string): boolean {
  return typeof wanted === 'string' ? wanted === value : Array.isArray(wanted) && wanted.includes(value);
}

/** A cost that is not known, or is in a currency without a limit, is not above anything. */
function costsMore(limits: Where['costAbove'], cost: Money | null): boolean {
  if (limits === undefined) return true;
  const limit = cost === null ? null : valueOf(limits, cost.currency);
  return cost !== null && limit !== null && decimal(cost.amount).gt(new Decimal(limit));
}

function valueOf(values: Readonly<Record<string, string>>, key: string): string | null {
  return Object.hasOwn(values, key) ? (values[key] ?? null) : null;
}
