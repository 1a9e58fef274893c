import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, inject, test } from 'vitest';
import { describeWithShared, sharedData } from '../shared.ts';
import { validateFocus } from './focus.validate.ts';

const validator = inject('focusValidator');
const folder = inject('focusFolder');

describeWithShared('the FOCUS validator', () => {
  test('judges a file by its rules and names those that it breaks', async () => {
    const packed = sharedData('focus', 'generated', 'focus_1_2_cost_and_usage_aws.csv.gz');
    const lines = gunzipSync(await readFile(packed))
      .toString()
      .split('\n')
      .slice(0, 60);
    const file = join(folder, 'sixty.csv');
    await writeFile(file, `${lines.join('\n')}\n`);
    const { passed, broken } = await validateFocus(validator, file);
    expect(passed).toBeGreaterThan(100);
    // The generator writes account ids that read as numbers.
    expect(broken.map(({ rule }) => rule)).toContain('BillingAccountId-C-002-M');
  });

  test('says that it judged nothing where there is no file', async () => {
    await expect(validateFocus(validator, join(folder, 'none.csv'))).rejects.toThrow('judged nothing');
  });
});
