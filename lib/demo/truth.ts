import { Decimal, decimalText } from '../focus/decimal.ts';
import type { Bill } from './bills.ts';
import { ACCOUNTS, type Behaviour, MACHINES, SAVINGS_PLAN, STEADY, VECTOR_INDEXES, VOLUMES } from './cast.ts';
import { machineArn, volumeArn } from './names.ts';
import { thingsExpected } from './things.ts';
import type { ExpectedFinding } from './truth-model.ts';

export interface Truth {
  readonly schemaVersion: 1;
  readonly seed: number;
  readonly now: string;
  /** Exact sums of the delivered rows by provider, currency and billing month. */
  readonly totals: readonly {
    provider: string;
    currency: string;
    month: string;
    billed: string;
    effective: string;
    rows: number;
  }[];
  readonly findings: readonly ExpectedFinding[];
}

const VERDICTS: Record<Behaviour, string | null> = {
  busy: null,
  bursty: null,
  idle: 'IDLE',
  held: 'HELD',
  unobserved: 'UNOBSERVED',
  gaps: 'UNOBSERVED',
  low: 'SUSPECTED',
  young: 'SUSPECTED',
};

const REQUIRED = ['owner', 'team', 'env'];

export function truth(seed: number, now: Date, bills: readonly Bill[]): Truth {
  return {
    schemaVersion: 1,
    seed,
    now: now.toISOString(),
    totals: totals(bills),
    findings: [
      ...gpus(),
      ...untagged(bills),
      ...tagPolicy(bills),
      ...volumes(),
      ...things(bills),
      ...embeddings(),
    ].toSorted((a, b) => (`${a.check} ${a.resourceId}` < `${b.check} ${b.resourceId}` ? -1 : 1)),
  };
}

function totals(bills: readonly Bill[]): Truth['totals'] {
  const sums = new Map<string, { billed: Decimal; effective: Decimal; rows: number }>();
  for (const row of bills.flatMap(({ rows }) => rows)) {
    const key = [row.ProviderName, row.BillingCurrency, row.BillingPeriodStart?.slice(0, 7)].join('|');
    const sum = sums.get(key) ?? { billed: new Decimal(0), effective: new Decimal(0), rows: 0 };
    sums.set(key, {
      billed: sum.billed.plus(row.BilledCost ?? 0),
      effective: sum.effective.plus(row.EffectiveCost ?? 0),
      rows: sum.rows + 1,
    });
  }
  return [...sums]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { billed, effective, rows }]) => {
      const [provider = '', currency = '', month = ''] = key.split('|');
      return {
        provider,
        currency,
        month,
        billed: decimalText(billed),
        effective: decimalText(effective),
        rows,
      };
    });
}

function gpus(): ExpectedFinding[] {
  return MACHINES.flatMap((machine) => {
    const verdict = VERDICTS[machine.behaviour];
    if (verdict === null || machine.goneDaysAgo !== undefined) return [];
    const hours = new Decimal(24).times(Math.min(30, machine.startedDaysAgo));
    const rate = machine.covered
      ? new Decimal(machine.rate).times(new Decimal(1).minus(SAVINGS_PLAN.discount))
      : new Decimal(machine.rate);
    const cost = decimalText(rate.times(hours));
    return [
      {
        check: 'idle-gpu',
        resourceId: machineArn(machine),
        verdict,
        monthlyCost: cost,
        monthlySaving: verdict !== 'IDLE' ? null : machine.covered ? '0' : cost,
      },
    ];
  });
}

/** Volumes that are attached to nothing. */
function volumes(): ExpectedFinding[] {
  return VOLUMES.filter(({ attachedTo }) => attachedTo === null).map((disk) => ({
    check: 'unattached-volume',
    resourceId: volumeArn(disk),
    verdict: 'UNUSED',
    monthlyCost: decimalText(new Decimal(disk.daily).times(30)),
    monthlySaving: null,
  }));
}

function things(bills: readonly Bill[]): ExpectedFinding[] {
  return thingsExpected((id) => lastThirty(bills, (row) => row.ResourceId === id));
}

/** Thirty days of what carries no owner, team or environment. */
function untagged(bills: readonly Bill[]): ExpectedFinding[] {
  const machine = MACHINES.filter(({ tags, goneDaysAgo }) => goneDaysAgo === undefined && lacks(tags)).map(
    (each) => ({
      id: machineArn(each),
      cost: decimalText(new Decimal(each.rate).times(24).times(Math.min(30, each.startedDaysAgo))),
    }),
  );
  const steady = STEADY.filter(({ tags }) => lacks(tags)).map(({ resource }) => ({
    id: resource,
    cost: lastThirty(bills, (row) => row.ResourceId === resource),
  }));
  const openai = ['proj_assistant', 'proj_eval'].flatMap((project) =>
    REQUIRED.map((key) => ({
      id: `account/${project}/service/OpenAI API/tag/${key}`,
      cost: lastThirty(bills, (row) => row.SubAccountId === project),
    })),
  );
  return [...machine, ...steady, ...openai].map(({ id, cost }) => ({
    check: 'untagged',
    resourceId: id,
    verdict: 'NONCOMPLIANT',
    monthlyCost: cost,
    monthlySaving: null,
  }));
}

function lacks(tags: Readonly<Record<string, string>>): boolean {
  return REQUIRED.some((key) => tags[key] === undefined);
}

function lastThirty(bills: readonly Bill[], which: (row: Bill['rows'][number]) => boolean): string {
  const rows = bills.flatMap((bill) => bill.rows);
  const end = rows.reduce(
    (latest, row) => ((row.ChargePeriodEnd ?? '') > latest ? (row.ChargePeriodEnd ?? '') : latest),
    '',
  );
  const start = `${new Date(Date.parse(end) - 30 * 86_400_000).toISOString().slice(0, 19)}Z`;
  return decimalText(
    rows
      .filter((row) => which(row) && (row.ChargePeriodStart ?? '') >= start)
      .reduce((sum, row) => sum.plus(row.EffectiveCost ?? 0), new Decimal(0)),
  );
}

function tagPolicy(bills: readonly Bill[]): ExpectedFinding[] {
  const misspelt = MACHINES.filter(({ tags }) => 'Team' in tags).map((machine) => ({
    id: machineArn(machine),
    cost: decimalText(new Decimal(machine.rate).times(24).times(30)),
  }));
  const wrongTeam = VOLUMES.filter(({ tags }) => tags.team === 'platfrom').map((disk) => ({
    id: volumeArn(disk),
    cost: decimalText(new Decimal(disk.daily).times(30)),
  }));
  const wrongEnv = STEADY.filter(({ tags }) => tags.env === 'production').map(({ resource }) => ({
    id: resource,
    cost: lastThirty(bills, (row) => row.ResourceId === resource),
  }));
  return [...misspelt, ...wrongTeam, ...wrongEnv].map(({ id, cost }) => ({
    check: 'tag-policy',
    resourceId: id,
    verdict: 'NONCOMPLIANT',
    monthlyCost: cost,
    monthlySaving: null,
  }));
}

function embeddings(): ExpectedFinding[] {
  return VECTOR_INDEXES.filter(({ queriesPerDay }) => queriesPerDay === 0).map(({ schema, index }) => ({
    check: 'stale-embeddings',
    resourceId: `postgres://product-db.acme.example:5432/product/${schema}.${index}`,
    verdict: 'UNUSED',
    monthlyCost: null,
    monthlySaving: null,
  }));
}

/** The accounts that the estate covers, for the demo's config. */
export const ACCOUNT_IDS = Object.values(ACCOUNTS).map(({ id }) => id);
