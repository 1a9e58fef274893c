import { inject } from 'vitest';
import type { Field } from '../../../lib/platform/bigquery/model.ts';
import { insertSql, type Row } from './export.ts';

export const PROJECT = 'bursar-test';
const DATASET = 'billing';

/**
 * Begins the emulator anew, empty, at the same address: for the start of a file. It keeps every job and reads all of them,
 * with their rows, at each request: after 200 small queries one takes four times as long as at first, and its memory only
 * grows (measured, v0.8.1).
 */
export async function renewBigQuery(): Promise<void> {
  const renewed = await fetch(inject('bigqueryRenewal'), { method: 'POST' });
  const said = await renewed.text();
  if (!renewed.ok) throw new Error(`the emulator did not begin anew: ${said}`);
}

/** Makes a table in the emulator, with rows; its full name. */
export async function tableOf(
  url: string,
  name: string,
  fields: readonly Field[],
  rows: readonly Row[],
): Promise<string> {
  const api = `${url}/bigquery/v2/projects/${PROJECT}`;
  await post(
    `${api}/datasets`,
    { datasetReference: { projectId: PROJECT, datasetId: DATASET } },
    'already created',
  );
  const path = `${api}/datasets/${DATASET}/tables`;
  const gone = await fetch(`${path}/${name}`, { method: 'DELETE' });
  await gone.arrayBuffer();
  await post(path, {
    tableReference: { projectId: PROJECT, datasetId: DATASET, tableId: name },
    schema: { fields: fields.map(schemaOf) },
  });
  const table = `${PROJECT}.${DATASET}.${name}`;
  await addRows(url, table, fields, rows);
  return table;
}

export async function addRows(
  url: string,
  table: string,
  fields: readonly Field[],
  rows: readonly Row[],
): Promise<void> {
  for (let at = 0; at < rows.length; at += 50)
    await post(`${url}/bigquery/v2/projects/${PROJECT}/queries`, {
      query: insertSql(`\`${table}\``, fields, rows.slice(at, at + 50)),
      useLegacySql: false,
    });
}

/** The emulator takes FLOAT for a float of 32 bits; BigQuery has none. */
function schemaOf({ name, type, mode, fields }: Field): object {
  return {
    name,
    type: type === 'FLOAT' ? 'FLOAT64' : type,
    mode,
    ...(fields.length > 0 ? { fields: fields.map(schemaOf) } : {}),
  };
}

async function post(url: string, body: object, allowed?: string): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok && (allowed === undefined || !text.includes(allowed)))
    throw new Error(`the emulator answered ${response.status} to ${url}: ${text.slice(0, 600)}`);
}
