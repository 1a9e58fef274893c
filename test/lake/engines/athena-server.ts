import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  GetQueryExecutionOutput$,
  GetQueryResultsOutput$,
  GetTableMetadataOutput$,
  GetWorkGroupOutput$,
  StartQueryExecutionOutput$,
  StopQueryExecutionOutput$,
} from '@aws-sdk/client-athena';
import { isLosslessNumber } from 'lossless-json';
import { sqlText } from '../../../lib/lake/sql.ts';
import { schemaFaults } from '../../sdk-schema.ts';
import { ask, type TestTrino } from './trino-tables.ts';

/** How the next query behaves; else it runs on Trino. */
export type Behaviour =
  | { readonly state: 'FAILED' | 'CANCELLED'; readonly reason: string; readonly category?: number }
  | { readonly state: 'RUNNING' };

interface Execution {
  readonly statement: string;
  readonly behaviour: Behaviour | null;
  readonly answer: { columns: { name: string; type: string }[]; data: unknown[][] };
  looks: number;
  stopped: boolean;
}

/**
 * Athena's control plane in front of a real Trino: AWS has no Athena to run here, moto plays back answers without
 * pages, limits or failures, and Athena's SQL is Trino's. Every answer is checked against the schema that the AWS SDK
 * exports. Parameters are bound by Trino itself (EXECUTE IMMEDIATE ... USING), as Athena binds them.
 */
export class AthenaServer implements AsyncDisposable {
  readonly requests: { readonly action: string; readonly input: Record<string, unknown> }[] = [];
  /** Rows a page, the header included. */
  pageRows = 1000;
  cutoff: number | undefined = 1_000_000_000;
  scanned = 25_000_000;
  next: Behaviour | null = null;
  /** Answers to throw away after they were made, as a connection that breaks does. */
  loseAnswers = 0;
  /** The same page for ever. */
  stuck = false;
  header = true;
  readonly #trino: TestTrino;
  readonly #byToken = new Map<string, string>();
  readonly #executions = new Map<string, Execution>();
  readonly #server: Server;

  constructor(trino: TestTrino) {
    this.#trino = trino;
    this.#server = createServer((request, response) => {
      void this.#reply(request, response);
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    const address = this.#server.address();
    if (!isAddress(address)) throw new Error('no port');
    return `http://127.0.0.1:${address.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get stopped(): string[] {
    return [...this.#executions].filter(([, { stopped }]) => stopped).map(([id]) => id);
  }

  /** How many queries were really begun. */
  get started(): number {
    return this.#executions.size;
  }

  async #reply(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { status, body } = await this.#serve(request);
      if (status === 200 && this.loseAnswers > 0) {
        this.loseAnswers -= 1;
        response.destroy();
        return;
      }
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(body));
    } catch (error) {
      response.writeHead(500);
      response.end(String(error));
    }
  }

  async #serve(request: IncomingMessage): Promise<{ status: number; body: object }> {
    const action = String(request.headers['x-amz-target']).replace('AmazonAthena.', '');
    const chunks: Buffer[] = [];
    for await (const chunk of request) if (chunk instanceof Buffer) chunks.push(chunk);
    const input: unknown = JSON.parse(Buffer.concat(chunks).toString());
    if (!isRecord(input)) throw new Error('no object');
    this.requests.push({ action, input });
    switch (action) {
      case 'GetWorkGroup':
        return ok(GetWorkGroupOutput$, {
          WorkGroup: {
            Name: String(input['WorkGroup']),
            Configuration: this.cutoff === undefined ? {} : { BytesScannedCutoffPerQuery: this.cutoff },
          },
        });
      case 'StartQueryExecution':
        return await this.#start(input);
      case 'GetQueryExecution':
        return this.#look(String(input['QueryExecutionId']));
      case 'StopQueryExecution':
        this.#execution(String(input['QueryExecutionId'])).stopped = true;
        return ok(StopQueryExecutionOutput$, {});
      case 'GetQueryResults':
        return this.#results(input);
      case 'GetTableMetadata':
        return await this.#table(String(input['TableName']));
      default:
        return refused('InvalidRequestException', `no action ${action}`);
    }
  }

  async #start(input: Record<string, unknown>): Promise<{ status: number; body: object }> {
    const token = String(input['ClientRequestToken']);
    if (token.length < 32 || token.length > 128)
      return refused('InvalidRequestException', 'ClientRequestToken');
    const known = this.#byToken.get(token);
    if (known !== undefined) return ok(StartQueryExecutionOutput$, { QueryExecutionId: known });
    const statement = String(input['QueryString']);
    const given = input['ExecutionParameters'] ?? [];
    const parameters: unknown[] = Array.isArray(given) ? given : [];
    if (parameters.some((value) => String(value).length > 1024))
      return refused('InvalidRequestException', 'a parameter is too long');
    const behaviour = this.next;
    this.next = null;
    const bound =
      parameters.length === 0
        ? statement
        : `EXECUTE IMMEDIATE ${sqlText(statement)} USING ${parameters.map(String).join(', ')}`;
    const id = `q-${this.#executions.size}`;
    const made = await ask(this.#trino, bound).then(
      (answer) => ({ behaviour, answer }),
      (error: unknown) => ({
        behaviour: { state: 'FAILED', reason: String(error), category: 2 } satisfies Behaviour,
        answer: { columns: [], data: [] },
      }),
    );
    this.#byToken.set(token, id);
    this.#executions.set(id, { statement, looks: 0, stopped: false, ...made });
    return ok(StartQueryExecutionOutput$, { QueryExecutionId: id });
  }

  #execution(id: string): Execution {
    const found = this.#executions.get(id);
    if (found === undefined) throw new Error(`no query ${id}`);
    return found;
  }

  #look(id: string): { status: number; body: object } {
    const execution = this.#execution(id);
    const { behaviour } = execution;
    const states = ['QUEUED', 'RUNNING', behaviour?.state ?? 'SUCCEEDED'];
    const state = states[Math.min(execution.looks++, 2)] ?? 'QUEUED';
    const ended = behaviour !== null && behaviour.state !== 'RUNNING' ? behaviour : null;
    return ok(GetQueryExecutionOutput$, {
      QueryExecution: {
        QueryExecutionId: id,
        StatementType: execution.statement.startsWith('EXPLAIN') ? 'UTILITY' : 'DML',
        WorkGroup: 'bursar',
        Status: {
          State: state,
          ...(ended === null || state !== ended.state
            ? {}
            : {
                StateChangeReason: ended.reason,
                ...(ended.category === undefined
                  ? {}
                  : { AthenaError: { ErrorCategory: ended.category, ErrorMessage: ended.reason } }),
              }),
        },
        Statistics: { DataScannedInBytes: this.scanned },
      },
    });
  }

  #results(input: Record<string, unknown>): { status: number; body: object } {
    const { statement, answer } = this.#execution(String(input['QueryExecutionId']));
    const from = Number(input['NextToken'] ?? 0);
    const names = answer.columns.map(({ name }) => ({ VarCharValue: name }));
    const header = this.header && !statement.startsWith('EXPLAIN') ? [{ Data: names }] : [];
    const rows = [
      ...header,
      ...answer.data.map((row) => ({
        Data: row.map((value) => (value === null ? {} : { VarCharValue: textOf(value) })),
      })),
    ];
    const more = this.stuck ? from : from + this.pageRows;
    return ok(GetQueryResultsOutput$, {
      ResultSet: {
        Rows: rows.slice(from, from + this.pageRows),
        ResultSetMetadata: {
          ColumnInfo: answer.columns.map(({ name, type }) => ({
            Name: name,
            Type: type.split('(')[0] ?? type,
          })),
        },
      },
      ...(more < rows.length || this.stuck ? { NextToken: String(more) } : {}),
    });
  }

  /** Glue names types as Hive does. */
  async #table(name: string): Promise<{ status: number; body: object }> {
    const { data } = await ask(
      this.#trino,
      `SELECT column_name, data_type FROM bills.information_schema.columns
       WHERE table_schema = 'default' AND table_name = ${sqlText(name)} ORDER BY ordinal_position`,
    );
    if (data.length === 0) return refused('MetadataException', `table ${name} not found`);
    return ok(GetTableMetadataOutput$, {
      TableMetadata: {
        Name: name,
        Columns: data.map(([column, type]) => ({ Name: String(column), Type: hive(String(type)) })),
      },
    });
  }
}

/** A type of Trino as Glue has it, in the words of Hive. */
function hive(type: string): string {
  return type
    .replace(/^varchar.*/, 'string')
    .replace(/^timestamp.*/, 'timestamp')
    .replace(/^map\(.*/, 'map<string,string>');
}

function ok(schema: unknown, body: object) {
  const faults = schemaFaults(schema, body);
  if (faults.length > 0) throw new Error(`not an answer of Athena: ${faults.join('; ')}`);
  return { status: 200, body };
}

function refused(type: string, message: string) {
  return { status: 400, body: { __type: type, Message: message } };
}

function textOf(value: unknown): string {
  if (isLosslessNumber(value)) return value.value;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isAddress(value: AddressInfo | string | null): value is AddressInfo {
  return typeof value === 'object' && value !== null;
}
