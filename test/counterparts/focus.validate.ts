import type { Provided } from './provided.ts';

/** What the FinOps Foundation's validator says of a file. */
export interface Validation {
  /** Rules that the file keeps. */
  readonly passed: number;
  /** Rules that it breaks, in the validator's order. */
  readonly broken: readonly {
    readonly rule: string;
    readonly violations: number;
    readonly message: string;
  }[];
}

/**
 * Validates a CSV or Parquet file of cost rows against FOCUS 1.2 with the official rules.
 *
 * @param file absolute path; the validator starts in a folder of its own.
 * @param isAll judges the rules of every column that FOCUS asks for on a condition, too.
 */
export async function validateFocus(
  validator: Provided['focusValidator'],
  file: string,
  isAll = false,
): Promise<Validation> {
  const args = [
    '--data-file',
    file,
    '--block-download',
    '--validate-version',
    '1.2',
    '--focus-dataset',
    'CostAndUsage',
    ...(isAll ? ['--applicability-criteria', 'ALL'] : []),
  ];
  const answer = await fetch(validator, { method: 'POST', body: JSON.stringify(args) });
  const report = await answer.text();
  const passed = report.match(/: PASS /g)?.length ?? 0;
  if (passed > 0) return { passed, broken: brokenRules(report) };
  const code = answer.headers.get('x-code');
  throw new Error(`the FOCUS validator ended with ${code} and judged nothing:\n${report.slice(-3000)}`);
}

/** Its closing list: `- InvoiceId-C-004-C: violations=199; InvoiceId MUST be NULL.` */
function brokenRules(report: string): Validation['broken'] {
  return [...report.matchAll(/^- (\S+): violations=(\d+); (.*)$/gm)].map(
    ([, rule = '', violations = '', message = '']) => ({ rule, violations: Number(violations), message }),
  );
}
