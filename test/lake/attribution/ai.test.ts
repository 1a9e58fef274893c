import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AI_CLASSES, type ClassRule } from '../../../lib/focus/ai/model.ts';
import { duckdb } from '../../../lib/lake/dialect/duckdb.ts';
import { type Engine, openEngine } from '../../../lib/lake/engine/duckdb.ts';
import { aws, type Charge, CLASSES, TOKENS, thousand, viewOf } from './charges.ts';

let folder: string;
let engine: Engine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bursar-ai-'));
  engine = await openEngine({ tempDir: folder, memoryMiB: 128 });
});
afterAll(async () => {
  engine.close();
  await rm(folder, { recursive: true, force: true });
});

/** What `costs` says of charges, in their order. */
async function saidOf(charges: readonly Charge[], aiRules: readonly ClassRule[] = []) {
  return await engine.ask(viewOf(duckdb, charges, aiRules), 'SELECT * FROM costs ORDER BY x_at', {});
}

async function said(charge: Charge, aiRules: readonly ClassRule[] = []) {
  return (await saidOf([charge], aiRules))[0] ?? {};
}

describe('tokens of cloud bills', () => {
  test('model, version, kind and number are read where the bill writes them', async () => {
    const rows = await saidOf(TOKENS.map(([charge]) => charge));
    const read = rows.map((row) => [
      row['x_AiModel'],
      row['x_AiModelVersion'],
      row['x_TokenKind'],
      row['x_TokenQuantity'],
      row['x_model'],
    ]);
    expect(TOKENS.map(([charge], at) => [charge, read[at]])).toEqual(
      TOKENS.map(([charge, ...values]) => [charge, [...values, values[0] ?? 'unallocated']]),
    );
  });

  test('what a source stored stands, and its kind is not read again', async () => {
    const charge = aws('Amazon Bedrock', {
      x_UsageType: 'USE1-Claude4.6Sonnet-input-tokens',
      x_AiModel: 'mine',
      x_TokenKind: 'output',
      x_AiClass: 'evaluation',
      ...thousand,
    });
    expect(await said(charge)).toMatchObject({
      x_AiModel: 'mine',
      x_TokenKind: 'output',
      x_AiClass: 'evaluation',
      x_TokenQuantity: '12500',
    });
  });

  test('an inference profile is read from the resource', async () => {
    const arn = 'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc123';
    expect(await said(aws('Amazon Bedrock', { ResourceId: arn }))).toMatchObject({ x_InferenceProfile: arn });
    expect(
      await said(aws('Amazon Bedrock', { ResourceId: 'arn:aws:bedrock:us-east-1::foundation-model/x' })),
    ).toMatchObject({ x_InferenceProfile: null });
  });
});

describe('AI classes', () => {
  test('a rule names the class; what none names is unknown', async () => {
    const rows = await saidOf(CLASSES.map(([charge]) => charge));
    expect(CLASSES.map(([charge], at) => [charge, rows[at]?.['x_AiClass']])).toEqual(CLASSES);
  });

  test('rules of the config go first, between their dates, by tag, too', async () => {
    const own: ClassRule[] = [
      {
        id: 'evals',
        source: 'wiki, 2026-11-01',
        since: '2026-11-01',
        until: '2026-12-01',
        when: { tags: { 'wörk "load"': '^eval' } },
        class: 'evaluation',
      },
    ];
    const tagged = aws('Amazon Route 53', { Tags: JSON.stringify({ 'wörk "load"': 'Eval-nightly' }) });
    expect((await said(tagged, own))['x_AiClass']).toBe('evaluation');
    expect((await said({ ...tagged, ChargePeriodStart: '2026-12-01 00:00:00' }, own))['x_AiClass']).toBe(
      'not AI',
    );
    expect((await said({ ...tagged, ChargePeriodStart: '2026-10-31 23:59:59' }, own))['x_AiClass']).toBe(
      'not AI',
    );
    expect((await said(aws('Amazon Route 53'), own))['x_AiClass']).toBe('not AI');
    expect(AI_CLASSES).toContain('evaluation');
  });
});
