import type { CommitmentAdvice } from '../analysis/model.ts';
import type { Money } from '../focus/money.ts';
import type { Finding } from '../ledger/model.ts';
import type { Coverage } from '../platform/coverage.ts';
import type { ApiCalls } from '../platform/meter.ts';
import type { Audience, PeriodKind } from './audience-model.ts';
import type {
  AskedQuery,
  DecisionKind,
  DecisionLine,
  DigestSavings,
  ExecutiveFigure,
  LifeId,
} from './content-model.ts';
import type { DigestInsight, Interval } from './insight-model.ts';

export type { Audience, DigestSavings, Interval, PeriodKind };

/** Days (`YYYY-MM-DD`, UTC) on which a bill has no charge though it should; `bill` is null where its name is not for the reader. */
export interface MissingDays {
  readonly bill: string | null;
  readonly days: readonly string[];
}

/** What a digest is made from: values that the use case read from lake and ledger. */
export interface DigestInput {
  readonly organisation: { readonly name: string; readonly timezone: string; readonly currency: string };
  readonly now: string;
  /** How numbers and dates are written, BCP 47; left out: `en-US`. */
  readonly locale?: string | undefined;
  /** Left out: everyone. What is here is of that audience alone already. */
  readonly audience?: Audience | undefined;
  readonly kind: PeriodKind;
  /**
   * The last whole period of the organisation's calendar that the bills cover, and the one before it. Bounds are
   * its dates at midnight UTC, since bills count UTC days.
   */
  readonly period: Interval;
  readonly former: Interval;
  /** Up to when the bills speak; null with no bill at all. */
  readonly asOf: string | null;
  /** The day on which the first charge of all bills begins, `YYYY-MM-DD`; left out: before all that is told. */
  readonly begins?: string | undefined;
  /** Effective cost in each period by currency; `former` null where the bills do not reach back that far. */
  readonly spend: readonly {
    readonly currency: string;
    readonly current: string;
    readonly former: string | null;
    /** Do provisional days lie in the period? */
    readonly estimated: boolean;
    /** Days of the period that a bill does not tell though it tells those around them; left out: none. */
    readonly missing?: readonly MissingDays[] | undefined;
  }[];
  /** Effective cost a day over the last 28 days of bills, by currency, oldest first. */
  readonly daily: readonly { readonly day: string; readonly currency: string; readonly effective: string }[];
  /** Effective cost of both periods by provider and service; ranked by the renderer's model. */
  readonly byService: readonly {
    readonly provider: string;
    readonly service: string;
    readonly currency: string;
    readonly current: string;
    readonly former: string;
  }[];
  /** Tag coverage of the last 30 days of bills by currency: what is taggable, tagged, not taggable, unknown. */
  readonly tagging: readonly {
    readonly currency: string;
    readonly tagged: string;
    readonly untagged: string;
    readonly notActivated: string;
    readonly untaggable: string;
    readonly unknown: string;
  }[];
  readonly findings: readonly Finding[];
  /** Findings that were resolved within the period. */
  readonly resolved: readonly Finding[];
  readonly commitments: readonly CommitmentAdvice[];
  readonly coverage: readonly Coverage[];
  readonly ownCost: Money & { readonly calls: readonly ApiCalls[] };
  /** What was stopped, and what it saved; left out where nothing ever was. */
  readonly savings?: DigestSavings | undefined;
  /** Forecast, anomalies, commitments and causes; left out with no bill. */
  readonly insight?: DigestInsight | undefined;
  /** What became of findings within the period, and what waits for a decision; left out where nobody asked. */
  readonly life?: DigestLife | undefined;
  /** Of the executive's digest. */
  readonly executive?: readonly ExecutiveFigure[] | undefined;
  /** What the lake was asked. */
  readonly asked?: readonly AskedQuery[] | undefined;
}

/** What the trail of the ledger tells. */
export interface DigestLife {
  /** Changes within the period, oldest first. */
  readonly events: readonly {
    readonly id: Exclude<LifeId, 'in-grace'>;
    readonly at: string;
    readonly finding: Finding;
  }[];
  readonly decisions: readonly (Pick<DecisionLine, 'since' | 'asked' | 'press'> & {
    readonly kind: DecisionKind;
    readonly finding: Finding;
  })[];
  /** What of the trail was not read, a sentence each. */
  readonly notes: readonly string[];
}
