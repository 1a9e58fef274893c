import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { Meter } from '../../../lib/platform/meter.ts';
import { silent } from '../../../lib/platform/progress.ts';
import { costExplorerSource } from '../../../lib/sources/aws-cost-explorer/source.ts';
import { validateFocus } from '../../counterparts/focus.validate.ts';
import { ingestFiles, sql } from '../../lake/ingest/fixtures.ts';
import { answersOf } from './bill.ts';
import { costExplorerFake } from './fake.ts';

const validator = inject('focusValidator');
const folder = inject('focusFolder');

/** Rules that the rows break, and why: Cost Explorer does not tell what they ask for. */
const EXPECTED: Readonly<Record<string, string>> = {
  'ChargeDescription-C-003-O': 'no description is told, and none is made up',
  'ChargeDescription-C-000-M': 'sums up the rule above',
  'InvoiceId-C-005-C': 'the invoice is not told',
};

test('FOCUS rows of Cost Explorer break no rule but those that it cannot keep', async () => {
  await using fake = await costExplorerFake(
    answersOf(
      ['Usage', 'Tax', 'Credit', 'Refund', 'RIFee', 'Some Discount'].map((type) => ({
        day: '2026-11-02',
        type,
        service: 'Amazon SageMaker',
        billed: '1.5',
        effective: type === 'RIFee' ? '0' : '1.5',
      })),
    ),
  );
  const workDir = await mkdtemp(join(tmpdir(), 'bursar-ce-'));
  try {
    const source = costExplorerSource({
      id: 'ce',
      client: fake.client,
      accountId: '999900001111',
      months: 1,
    });
    const now = new Date('2026-11-22T11:30:00Z');
    const { files } = await source.deliver({ workDir, now, meter: new Meter(), progress: silent });
    const { periods } = await ingestFiles(files, { grain: 'account-service' });
    const paths = periods.flatMap(({ parts }) => parts.map(({ path }) => `'${path}'`));
    const bill = join(folder, 'cost-explorer.parquet');
    await sql(`COPY (SELECT * FROM read_parquet([${paths.join(', ')}])) TO '${bill}' (FORMAT parquet)`);
    const { passed, broken } = await validateFocus(validator, bill);
    expect(passed).toBeGreaterThan(100);
    expect(broken.map(({ rule }) => rule).toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
  } finally {
    await rm(workDir, { recursive: true });
  }
});
