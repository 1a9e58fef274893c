import type { Config } from '../../config/schema.ts';
import { TOKEN_PRICES_SOURCE } from '../../focus/data/token-prices.ts';
import type { Lake } from '../../lake/model.ts';
import type { FindingRecord, LedgerStore } from '../../ledger/model.ts';
import type { Auditor } from '../auditor.ts';
import {
  type DatedTable,
  type Drift,
  idlePolicies,
  isExempt,
  renewedExemption,
  staleTables,
  type Thing,
} from '../guardrails.ts';
import { outgrownBudgets } from '../guardrails-budgets.ts';
import { termsSettings } from './config.ts';
import type { Examined } from './examined.ts';

/** Where guardrails have drifted from what they guard: nobody sees that in any single run. */
export async function examineGuardrails(
  ledger: Pick<LedgerStore, 'all' | 'history'>,
  lake: Pick<Lake, 'scopes' | 'snapshots'>,
  config: Config,
  now: Date,
): Promise<Examined[]> {
  const records: FindingRecord[] = [];
  for await (const record of ledger.all()) records.push(record);
  const idle = idlePolicies(await thingsOf(lake, records), termsSettings(config));
  const exempt = records.filter(isExempt);
  const renewed: Drift[] = [];
  for (const record of exempt) {
    const drift = renewedExemption(record, await ledger.history(record.finding.id));
    if (drift !== null) renewed.push(drift);
  }
  const tables = tablesOf(config);
  return [
    ...(config.policies.length === 0 ? [] : policiesTold(idle)),
    ...(exempt.length === 0 ? [] : told('exemptions', 'none was given three times or more', renewed)),
    ...(tables.length === 0
      ? []
      : told('price tables', 'none is older than half a year', staleTables(tables, now))),
  ];
}

function policiesTold(idle: readonly Drift[] | null): Examined[] {
  return idle === null
    ? [
        {
          what: 'policies',
          state: 'not tried',
          told: 'cannot tell whether each fits anything: no inventory is kept yet',
          todo: null,
        },
      ]
    : told('policies', 'each is the first that fits something', idle);
}

/** `list price of July 2026 (LiteLLM)`: its first day. */
function monthOf(source: string): string {
  const [month] = /[A-Z][a-z]+ \d{4}/.exec(source) ?? [];
  if (month === undefined) throw new RangeError(`no month in ${source}`);
  return new Date(`1 ${month} UTC`).toISOString().slice(0, 10);
}

/** Budgets against the bills of the last months, which only a lake with its engine can add up. */
export async function examineBudgets(auditor: Auditor, now: Date): Promise<Examined[]> {
  const { alerts } = auditor;
  if (alerts === undefined || alerts.budgets.length === 0) return [];
  const { judged, drifts } = await outgrownBudgets(auditor, alerts, now);
  return judged === 0
    ? [
        {
          what: 'budgets',
          state: 'not tried',
          told: 'cannot tell: of none are three whole months settled, in its currency',
          todo: null,
        },
      ]
    : told('budgets', `${judged} limit what is spent`, drifts);
}

function told(what: string, well: string, drifts: readonly Drift[]): Examined[] {
  return drifts.length === 0
    ? [{ what, state: 'works', told: well, todo: null }]
    : drifts.map((drift) => ({ ...drift, state: 'fails' }));
}

/** Everything that the newest look at each scope saw, and what findings are about beside it. */
async function thingsOf(
  lake: Pick<Lake, 'scopes' | 'snapshots'>,
  records: readonly FindingRecord[],
): Promise<Thing[]> {
  const things: Thing[] = [];
  const seen = new Set<string>();
  for (const scope of await lake.scopes())
    for (const { resources } of await lake.snapshots(scope, 1))
      for (const { id, provider, accountId, type, tags } of resources) {
        seen.add(id);
        things.push({ provider, accountId, resourceType: type, tags });
      }
  for (const { finding } of records) {
    const { resourceId, provider, accountId, resourceType } = finding;
    if (!seen.has(resourceId)) things.push({ provider, accountId, resourceType, tags: {} });
  }
  return things;
}

/** Prices that lie in this version, where the config uses them; list prices of clouds are asked anew each day. */
function tablesOf({ sources }: Config): DatedTable[] {
  const estimates = Object.values(sources).some(({ type }) => type === 'openai' || type === 'anthropic');
  return estimates
    ? [
        {
          what: `token prices (${TOKEN_PRICES_SOURCE})`,
          of: monthOf(TOKEN_PRICES_SOURCE),
          todo: 'Update bursar: estimates of token cost before the bill rest on them.',
        },
      ]
    : [];
}
