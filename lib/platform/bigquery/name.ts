import { BursarError } from '../errors.ts';
import type { TableName } from './model.ts';

/** PROJECT.DATASET.TABLE or PROJECT:DATASET.TABLE; the project may have a domain (`example.com:billing`). */
const TABLE = /^((?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9])[.:](\w+)\.([\w$-]+)$/;

/** @throws BursarError `config` where it is no full name of a table. */
export function tableName(text: string): TableName {
  const [, project, dataset, table] = TABLE.exec(text) ?? [];
  if (project === undefined || dataset === undefined || table === undefined)
    throw new BursarError('config', `${JSON.stringify(text)} is no table of BigQuery`, {
      hint: 'Write PROJECT.DATASET.TABLE, with the id of the project.',
    });
  return { project, dataset, table };
}

export function shown({ project, dataset, table }: TableName): string {
  return `${project}.${dataset}.${table}`;
}

/** The table in SQL; none of its parts can hold a backtick. */
export function quotedTable(name: TableName): string {
  return `\`${shown(name)}\``;
}
