import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { parseConfig } from '../../lib/config/load.ts';
import { DEMO_CONFIG, DEMO_NOW, DEMO_SEED } from '../../lib/demo/company.ts';
import type { DigestContent } from '../../lib/digest/content-model.ts';
import type { ReportDetail } from '../../lib/digest/detail-model.ts';
import { silent } from '../../lib/platform/progress.ts';
import { alertSettings } from '../../lib/run/assemble/config.ts';
import { assembleDemo } from '../../lib/run/assemble/demo.ts';
import { demo } from '../../lib/run/demo.ts';
import type { WholeAudit } from '../../lib/run/whole.ts';

/** A line of a bill's file, by column. */
export type Row = Readonly<Record<string, string>>;
const Rows = z.array(z.record(z.string(), z.string()));

/** The demo's digest, and every line of the files that it was made of. */
export interface DemoDigest {
  /** Where the demo lies; whoever made it removes it. */
  readonly folder: string;
  readonly last: WholeAudit;
  readonly content: DigestContent;
  readonly detail: ReportDetail;
  readonly rows: readonly Row[];
}

/** Behind those that the demo's own config ends with. */
const BUDGETS = `
  - { name: surely kept, amount: { USD: "90000" } }
  - { name: surely exceeded, amount: { USD: "40000" } }
  - { name: models, amount: { USD: "30000" }, period: quarter, where: { service: Amazon Bedrock } }
`;

/** Makes the demo, with more budgets. */
export async function demoDigest(): Promise<DemoDigest> {
  const folder = await mkdtemp(join(tmpdir(), 'bursar-numbers-'));
  const now = new Date(DEMO_NOW);
  const alerts = alertSettings(parseConfig(`${DEMO_CONFIG}${BUDGETS}`, 'bursar.yaml'));
  async function* visits() {
    for await (const visit of assembleDemo(folder, DEMO_SEED, now, silent))
      yield { ...visit, auditor: { ...visit.auditor, alerts } };
  }
  const made = await demo(visits(), silent);
  const bills = join(folder, 'bills');
  const rows: Row[] = [];
  for (const name of await readdir(bills))
    rows.push(
      ...Rows.parse(parse(await readFile(join(bills, name)), { columns: true, skip_empty_lines: true })),
    );
  return { folder, ...made, rows };
}

/** `2026-11-09`, the UTC day on which a charge begins. */
export const dayOf = (row: Row) => (row['ChargePeriodStart'] ?? '').slice(0, 10);

export const tagsOf = (row: Row): Record<string, string> => JSON.parse(row['Tags'] || '{}');

/** Not a credit, nor a correction: what forecasts and anomalies are of. */
export const isUsual = (row: Row) =>
  row['ChargeCategory'] !== 'Credit' && row['ChargeCategory'] !== 'Adjustment';
