import type { AuditRecord, FindingRecord } from '../ledger/model.ts';
import type { Policy } from '../ledger/policy.ts';
import { policyNow, type TermsSettings } from './terms.ts';

/** A guardrail that has drifted away from what it is to guard, in words. */
export interface Drift {
  /** `policy 2 (check idle-gpu, mode stop)`, `exemption of trainer` */
  readonly what: string;
  readonly told: string;
  readonly todo: string;
}

/** An exemption that was given so often is no exception any more. */
const OFTEN = 3;

/** Something that a policy may be about: a resource of the inventory, or what a finding is about. */
export type Thing = Pick<Parameters<typeof policyNow>[0], 'provider' | 'accountId' | 'resourceType'> & {
  readonly tags: Readonly<Record<string, string>>;
};

/**
 * Policies that can never be the first that fits anything that is there: nothing fits them, or those before them take
 * it all. What a thing costs is left aside, and so is whether a check finds it: that nothing is idle is no drift.
 * @returns null where nothing is known, so that nobody can tell
 */
export function idlePolicies(things: readonly Thing[], settings: TermsSettings): Drift[] | null {
  if (things.length === 0) return null;
  return settings.policies.flatMap((policy, at): Drift[] => {
    const fits = (thing: Thing, policies: readonly Policy[]) =>
      policyNow({ ...thing, check: policy.check, monthlyCost: null }, thing.tags, {
        ...settings,
        policies,
      }).rule.startsWith('policy ');
    const fitting = things.filter((thing) => fits(thing, [atAnyCost(policy)]));
    const before = settings.policies.slice(0, at);
    const what = `policy ${at + 1} (check ${policy.check}, mode ${policy.mode})`;
    if (fitting.length === 0)
      return [
        {
          what,
          told: `nothing of ${things.length} things fits it`,
          todo: 'Look whether accounts, types, tags and dimensions are written in it as resources have them; else take it out.',
        },
      ];
    return fitting.every((thing) => fits(thing, before))
      ? [
          {
            what,
            told: `it never applies: policies before it take all of the ${fitting.length} things that fit it`,
            todo: 'Move it up in policies, where the first that fits counts, or take it out.',
          },
        ]
      : [];
  });
}

function atAnyCost({ where = {}, ...policy }: Policy): Policy {
  const { costAbove: _cost, ...rest } = where;
  return { ...policy, where: rest };
}

/** Is this finding exempt now, so that its history is of interest? */
export function isExempt({ life }: FindingRecord): boolean {
  return life?.hold?.kind === 'exemption';
}

/** An exemption that was given three times or more; null where it was not. */
export function renewedExemption(
  { finding, life }: FindingRecord,
  history: readonly AuditRecord[],
): Drift | null {
  const given = history.filter(({ from, to }) => to === 'EXEMPT' && from !== 'EXEMPT');
  const [first] = given;
  if (first === undefined || given.length < OFTEN) return null;
  const name = finding.resourceName ?? finding.resourceId;
  return {
    what: `exemption of ${name} (${finding.id})`,
    told: `given ${given.length} times since ${first.at.slice(0, 10)}, now until ${life?.hold?.until.slice(0, 10) ?? 'no date'}`,
    todo: 'What is an exception each time is a rule: write a policy of mode off or flag for it, or let it end.',
  };
}

/** Days after which list prices that lie in this version, or in the config, are told to be old. */
const STALE_DAYS = 180;

/** A table of prices or rates with the day that it speaks of. */
export interface DatedTable {
  readonly what: string;
  /** UTC day: `2026-07-01` */
  readonly of: string;
  readonly todo: string;
}

/** Tables that are older than half a year. */
export function staleTables(tables: readonly DatedTable[], now: Date): Drift[] {
  return tables.flatMap(({ what, of, todo }) => {
    const days = Math.floor((now.getTime() - Date.parse(of)) / 86_400_000);
    return days > STALE_DAYS ? [{ what, told: `it is of ${of}, ${days} days ago`, todo }] : [];
  });
}
