import { hash } from 'node:crypto';
import type { Judgement } from '../checks/model.ts';
import { decimal } from '../focus/decimal.ts';
import type { Money } from '../focus/money.ts';
import type { Finding, FindingState, Severity } from './model.ts';

/** RFC 4648 section 6, in lower case. */
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/**
 * The id of a finding: `f-` and the first 26 characters (130 bits) of the lower-case base32 of
 * SHA-256 over the UTF-8 bytes of `check`, `provider` and `resourceId` joined by one line feed each.
 * The same in every run and on every machine. 28 characters of `[a-z2-7-]`, so it fits a role session name
 * (2 to 64 of `[\w+=,.@-]`, AWS STS API reference, AssumeRole).
 */
export function findingId(check: string, provider: string, resourceId: string): string {
  const digest = hash('sha256', `${check}\n${provider}\n${resourceId}`, 'buffer');
  return `f-${base32(digest).slice(0, 26)}`;
}

const known = new WeakMap<Judgement, string>();

/** The id of the finding that a judgement becomes, made once for each judgement. */
export function idOf(judged: Judgement): string {
  let id = known.get(judged);
  if (id === undefined) known.set(judged, (id = findingId(judged.check, judged.provider, judged.resourceId)));
  return id;
}

function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE32[(held >> bits) & 31];
      held &= (1 << bits) - 1;
    }
  }
  return text;
}

/** Monthly amounts (decimal text) from which a finding is medium, high, critical; less is low. */
export interface Thresholds {
  readonly medium: string;
  readonly high: string;
  readonly critical: string;
}

/** By ISO 4217 currency; `*` speaks for every currency without an entry of its own. */
export type SeverityThresholds = Readonly<Record<string, Thresholds>>;

/** Plain amounts of the currency itself: whoever is billed in yen writes their own in the config. */
export const DEFAULT_THRESHOLDS: SeverityThresholds = {
  '*': { medium: '100', high: '1000', critical: '10000' },
};

/**
 * How much is at stake a month: what would be saved, else what it costs. Low where neither is known, since
 * nothing says that more is at stake, and where the amount is negative (a refund).
 */
export function severityOf(
  judged: { readonly monthlySaving: Money | null; readonly monthlyCost: Money | null },
  thresholds: SeverityThresholds = DEFAULT_THRESHOLDS,
): Severity {
  const stake = judged.monthlySaving ?? judged.monthlyCost;
  if (stake === null) return 'low';
  const own = Object.hasOwn(thresholds, stake.currency) ? thresholds[stake.currency] : thresholds['*'];
  const limits = own ?? DEFAULT_THRESHOLDS['*'];
  if (limits === undefined) return 'low';
  const amount = decimal(stake.amount);
  if (amount.gte(limits.critical)) return 'critical';
  if (amount.gte(limits.high)) return 'high';
  if (amount.gte(limits.medium)) return 'medium';
  return 'low';
}

/** What the ledger adds to a judgement. Times are ISO-8601 UTC. */
export interface Life {
  readonly state: FindingState;
  readonly reason: string;
  readonly dueAt: string | null;
  readonly firstSeen: string;
  readonly lastSeen: string;
}

/** A judgement with its life, every key of the contract in the order of the contract. */
export function toFinding(judged: Judgement, life: Life, thresholds?: SeverityThresholds): Finding {
  return {
    schemaVersion: 1,
    id: idOf(judged),
    check: judged.check,
    provider: judged.provider,
    accountId: judged.accountId,
    region: judged.region,
    resourceType: judged.resourceType,
    resourceId: judged.resourceId,
    resourceName: judged.resourceName,
    owner: judged.owner,
    verdict: judged.verdict,
    severity: severityOf(judged, thresholds),
    confidence: judged.confidence,
    costBasis: judged.costBasis,
    monthlyCost: judged.monthlyCost,
    monthlySaving: judged.monthlySaving,
    evidence: judged.evidence,
    blindSpots: judged.blindSpots,
    state: life.state,
    dueAt: life.dueAt,
    reason: life.reason,
    firstSeen: life.firstSeen,
    lastSeen: life.lastSeen,
  };
}
