import type { Money } from '../../focus/money.ts';

/** How a commitment is paid, as AWS calls it; Google has `none` alone (bills of each month). */
export type Payment = 'none' | 'partial' | 'all';

/** One way to buy a programme. */
export interface Rate {
  readonly term: '1y' | '3y';
  readonly payment: Payment;
  /** Discount against on-demand rates, all fees counted, 0 < d < 1, decimal text. */
  readonly discount: string;
  /** Where it comes from, one clause: `observed on covered usage of the bill`. */
  readonly source: string;
}

/** On-demand spend that commitments could cover, cut where programmes differ: `us-east-1 m5`. */
export interface Slice {
  readonly name: string;
  /** Programmes that cover this slice alone, with their rates. */
  readonly own: readonly Offer[];
  /** Spend at on-demand rates a step, decimal text; null: not known, which is no zero. */
  readonly amounts: readonly (string | null)[];
}

export interface Offer {
  /** `aws-compute-savings-plan`, `aws-ec2-instance-savings-plan us-east-1 m5` */
  readonly programme: string;
  readonly rates: readonly Rate[];
}

/** Slices that one programme could cover together, over one span of time in one currency. */
export interface Pool {
  readonly provider: string;
  readonly currency: string;
  /** Covers every slice; null: the slices have nothing in common. */
  readonly shared: Offer | null;
  /** Start of the first step, ISO-8601 UTC. */
  readonly start: string;
  /** Hours of a step: 1, or a whole part of a day. */
  readonly stepHours: number;
  readonly slices: readonly Slice[];
  /** Resources found to be waste whose spend is left out. */
  readonly wasteLeftOut: number;
  /** What is committed already and ends: from then on its usage is on demand again. */
  readonly expiring: readonly Expiring[];
}

export interface Expiring {
  readonly id: string;
  readonly programme: string;
  /** ISO-8601 UTC */
  readonly at: string;
  /** What its use would have cost on demand a step, decimal text, aligned with the slices. */
  readonly covered: readonly (string | null)[];
}

/** One purchase of a schedule. */
export interface Tranche {
  /** `YYYY-MM-DD`; buy then, not before. */
  readonly at: string;
  /** What to pay an hour at the committed rate. */
  readonly hourly: Money;
  /** Under which condition; null: now, without one. */
  readonly condition: string | null;
}

/** The advice of one programme. */
export interface Advice {
  readonly programme: string;
  readonly provider: string;
  readonly rate: Rate;
  readonly schedule: readonly Tranche[];
  /** Net saving of 30 days of the first tranche, were they as the days looked at, exact. */
  readonly monthlySaving: Money;
  /** Its share that would have been used, 0 to 1, decimal text. */
  readonly utilisation: string;
  /** The optimum over the days looked at, before the limit of loss: (1 - d) x Q(d). */
  readonly optimum: Money;
  /** Share of the scenarios in which the first tranche loses money over its term, 0 to 1, decimal text. */
  readonly lossProbability: string;
  /** The worst of the scenarios over the whole term (a loss is negative), and which it is. */
  readonly worst: { readonly saving: Money; readonly scenario: string };
  /** Paid on the day of purchase. */
  readonly upfront: Money;
  /** The fees of the whole term, due whatever runs. */
  readonly obligation: Money;
  /** Day from which nothing would be lost even if all use stopped; null: never, or nothing is bought. */
  readonly breakEven: string | null;
  readonly window: { readonly start: string; readonly end: string };
  /** The other rates of the programme, and what each would save. */
  readonly alternatives: readonly {
    readonly rate: Rate;
    readonly hourly: Money;
    readonly monthlySaving: Money;
  }[];
  readonly reason: string;
  readonly assumptions: readonly string[];
}

/** Why a programme has no advice. */
export interface Untold {
  readonly programme: string;
  readonly provider: string;
  readonly currency: string;
  /** True: it cannot be told; false: it is told that nothing pays. */
  readonly notEnough: boolean;
  /** One sentence with the numbers. */
  readonly reason: string;
}
