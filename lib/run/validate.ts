import { columnOf } from '../focus/columns.ts';
import { Decimal, decimal, decimalText } from '../focus/decimal.ts';
import { FOCUS_RULES, MODEL_FAULTS } from '../focus/rules.ts';
import type { IngestReport, Lake } from '../lake/model.ts';
import {
  type BrokenRow,
  type CommitmentSum,
  commitmentSumsName,
  type RuleCounts,
  ruleCountsName,
  ruleQuery,
  ruleRowsName,
} from '../lake/queries/focus-rules.ts';

export interface BrokenRule {
  /** The official id. */
  readonly rule: string;
  readonly must: string;
  /** Rows that break it; of a rule about groups, groups. */
  readonly count: number;
  /** The first of them. */
  readonly rows: readonly BrokenRow[];
  /** SQL for `bursar query` that lists all of them; null where another engine is asked about the source. */
  readonly query: string | null;
}

/** What one commitment cost against what was taken from it, where they differ. */
export interface UnbalancedCommitment extends CommitmentSum {
  readonly rule: string;
  readonly must: string;
  /** Used + unused - purchased, or what is neither used nor unused. */
  readonly difference: string;
}

export interface SourceValidation {
  readonly source: string;
  readonly rows: number;
  /** Rules that were judged, and how many of them hold. */
  readonly judged: number;
  readonly broken: readonly BrokenRule[];
  readonly commitments: readonly UnbalancedCommitment[];
  /** What could not be read, where the bill was read for this: values by kind of repair, and rejected rows. */
  readonly reading: Pick<IngestReport, 'rowsIn' | 'rowsRejected' | 'rejectsFile' | 'repairs'> | null;
}

/** `bursar validate --format json`. */
export interface ValidationAnswer {
  readonly schemaVersion: 1;
  readonly focusVersion: '1.2';
  readonly sources: readonly SourceValidation[];
  /** Official rules that are judged otherwise or not at all, and why. */
  readonly notAsWritten: readonly { readonly rule: string; readonly why: string; readonly judged: boolean }[];
}

const USED_AND_UNUSED = {
  rule: 'EffectiveCost-C-013-C',
  must: 'The sum of EffectiveCost of Usage MUST equal that of Used plus that of Unused.',
};
const PURCHASED = {
  rule: 'EffectiveCost-C-012-C',
  must: 'The sum of EffectiveCost of Usage MUST equal the sum of BilledCost of Purchase.',
};

/** Judges what the lake holds of each source by the rules of FOCUS 1.2. */
export async function validate(
  lake: Lake,
  sources: readonly string[] | null,
  reports: ReadonlyMap<string, IngestReport>,
): Promise<ValidationAnswer> {
  const ids = sources ?? (await lake.sources()).map(({ sourceId }) => sourceId);
  const here = new Set(
    (await lake.engines()).flatMap(({ sourceId, engine }) => (engine === 'duckdb' ? [sourceId] : [])),
  );
  const judged: SourceValidation[] = [];
  for (const id of ids) judged.push(await validateSource(lake, id, here.has(id), reports.get(id) ?? null));
  return {
    schemaVersion: 1,
    focusVersion: '1.2',
    sources: judged,
    notAsWritten: MODEL_FAULTS.map(({ id, why, instead }) => ({ rule: id, why, judged: instead !== null })),
  };
}

async function validateSource(
  lake: Lake,
  source: string,
  isHere: boolean,
  report: IngestReport | null,
): Promise<SourceValidation> {
  const [counts] = await lake.ask<RuleCounts>(ruleCountsName, {}, [source]);
  const { rows: held, broken: counted, filled } = counts ?? { rows: 0, broken: {}, filled: {} };
  // A column that FOCUS asks for on a condition and that no row fills was not delivered: its rules do not apply.
  const applies = FOCUS_RULES.filter(
    ({ column }) => columnOf(column)?.level !== 'conditional' || (filled[column] ?? 0) > 0,
  );
  const broken: BrokenRule[] = [];
  for (const { id, must } of applies) {
    const count = counted[id] ?? 0;
    if (count === 0) continue;
    const rows = await lake.ask<BrokenRow>(ruleRowsName(id), {}, [source]);
    broken.push({ rule: id, must, count, rows, query: isHere ? ruleQuery(source, id) : null });
  }
  const sums = await lake.ask<CommitmentSum>(commitmentSumsName, {}, [source]);
  return {
    source,
    rows: held,
    judged: applies.length + (sums.length > 0 ? 2 : 0),
    broken,
    commitments: sums.flatMap(unbalanced),
    reading:
      report === null
        ? null
        : {
            rowsIn: report.rowsIn,
            rowsRejected: report.rowsRejected,
            rejectsFile: report.rejectsFile,
            repairs: report.repairs,
          },
  };
}

/** A commitment without any purchase in the rows (bought before they begin) cannot be balanced. */
function unbalanced(sums: CommitmentSum): UnbalancedCommitment[] {
  const taken = decimal(sums.used).plus(decimal(sums.unused));
  const difference = taken.minus(decimal(sums.purchased));
  return [
    ...(decimal(sums.neither).isZero()
      ? []
      : [{ ...sums, ...USED_AND_UNUSED, difference: decimalText(decimal(sums.neither)) }]),
    ...(difference.isZero() || decimal(sums.purchased).isZero()
      ? []
      : [{ ...sums, ...PURCHASED, difference: decimalText(new Decimal(difference)) }]),
  ];
}
