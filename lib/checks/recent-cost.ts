import { Decimal, decimal, decimalText } from '../focus/decimal.ts';
import type { Identities } from './identity.ts';
import type { Evidence, RecentCost } from './model.ts';

/**
 * What Cost Explorer tells of single machines where no bill names them: EC2 instances of the last 14 days, for payers
 * that have opted in. Two weeks are no month and nothing is made of them but evidence: no month's cost is scaled from
 * them, and no saving, for what of it commitments cover is not told either.
 */
export class RecentCosts {
  readonly #byId = new Map<string, Map<string, { effective: Decimal; first: RecentCost }>>();

  constructor(rows: readonly RecentCost[], identities: Identities) {
    for (const row of rows) {
      const id = identities.canonical({ ...row, provider: 'aws', region: null });
      const currencies = this.#byId.get(id) ?? new Map<string, { effective: Decimal; first: RecentCost }>();
      const known = currencies.get(row.currency);
      const effective = (known?.effective ?? new Decimal(0)).plus(decimal(row.effective));
      currencies.set(row.currency, { effective, first: known?.first ?? row });
      this.#byId.set(id, currencies);
    }
  }

  /** By the canonical id of a resource; empty where nothing is told of it. */
  of(id: string): Evidence[] {
    const currencies = [...(this.#byId.get(id) ?? [])].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return currencies.map(([currency, { effective, first }]) => ({
      name: 'billed of late, not a whole month',
      value: decimalText(effective),
      unit: currency,
      window: `${first.start}/${first.end}`,
      source: `AmortizedCost of Cost Explorer by resource (${first.source})`,
    }));
  }
}
