import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';
import { isObject, type Json } from './json.ts';

/** A request as the published interface names it. */
export interface SpecRequest {
  /** `GET /collections/{collection_name}` */
  readonly operation: string;
  /** Parts of the path by their names. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
  /** The body as it came. */
  readonly sent: string;
  readonly headers: IncomingMessage['headers'];
  /** What came before the path that the interface names: which of several hosts was meant. */
  readonly prefix: string;
}

/** JSON, or text as it is. A status other than 200 is not checked. */
export interface SpecAnswer {
  readonly status?: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface SpecServer {
  readonly url: string;
  /** Every request, as it came: `GET /collections`. */
  readonly asked: string[];
  /** Throws where something was no request or answer of the interface. */
  close(): void;
}

const METHODS = new Set(['get', 'post', 'put', 'delete', 'patch']);

/** Documents of OpenAPI 3 or Swagger 2, in JSON or YAML. */
export async function readSpec(file: string): Promise<Json> {
  let document = documents.get(file);
  if (document === undefined) {
    const text = await readFile(file, 'utf8');
    const read: unknown = file.endsWith('.json') ? JSON.parse(text) : parse(text, { maxAliasCount: -1 });
    if (!isObject(read)) throw new Error(`${file} is no document of an interface`);
    documents.set(file, (document = read));
  }
  return document;
}
/** Read once, and compiled once: a document has hundreds of operations. */
const documents = new Map<string, Json>();
const compiled = new WeakMap<Json, readonly Operation[]>();

interface Operation {
  readonly name: string;
  readonly pattern: RegExp;
  readonly method: string;
  readonly names: readonly string[];
  readonly parameters: readonly Json[];
  readonly body: () => ValidateFunction | null;
  readonly answer: () => ValidateFunction | null;
}

/**
 * A server whose behaviour a test writes, where every request and every answer has to be one of the published
 * interface: no parameter, header or field that it does not name, none missing that it asks for.
 */
export async function specServer(
  specs: readonly Json[],
  answer: (request: SpecRequest) => SpecAnswer | Promise<SpecAnswer>,
): Promise<SpecServer> {
  const operations = specs.flatMap(operationsOf);
  const asked: string[] = [];
  const faults: string[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const url = new URL(request.url ?? '/', 'http://spec');
      asked.push(`${request.method ?? ''} ${url.pathname}${url.search}`);
      const found = operations.flatMap((operation) => {
        const match = operation.method === request.method ? operation.pattern.exec(url.pathname) : null;
        return match === null ? [] : [{ operation, match }];
      })[0];
      if (found === undefined) {
        faults.push(`no operation ${request.method ?? ''} ${url.pathname}`);
        response.writeHead(404).end('{}');
        return;
      }
      const { operation, match } = found;
      const sent = await textOf(request);
      const body: unknown = sent === '' ? undefined : JSON.parse(sent);
      faults.push(...requestFaults(operation, url.searchParams, request.headers, body));
      const [, prefix = '', ...parts] = match;
      const given = await answer({
        operation: operation.name,
        path: Object.fromEntries(
          operation.names.map((name, at) => [name, decodeURIComponent(parts[at] ?? '')]),
        ),
        query: url.searchParams,
        body,
        sent,
        headers: request.headers,
        prefix,
      });
      const { status = 200 } = given;
      if (status === 200 && given.json !== undefined) faults.push(...answerFaults(operation, given.json));
      response.writeHead(status, {
        'content-type': given.text === undefined ? 'application/json' : 'text/plain',
        ...given.headers,
      });
      response.end(given.text ?? JSON.stringify(given.json ?? {}));
    })().catch((error: unknown) => {
      faults.push(String(error));
      response.writeHead(500).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    close: () => {
      server.closeAllConnections();
      server.close();
      if (faults.length > 0) throw new Error(faults.join('\n'));
    },
  };
}

function requestFaults(
  { name, parameters, body: validator }: Operation,
  query: URLSearchParams,
  headers: IncomingMessage['headers'],
  body: unknown,
): string[] {
  const of = (place: string) => parameters.filter((parameter) => parameter['in'] === place);
  const validate = validator();
  const known = new Set(of('query').map((parameter) => parameter['name']));
  return [
    ...[...query.keys()].filter((key) => !known.has(key)).map((key) => `${name}: no parameter ${key}`),
    ...of('query').flatMap((parameter) =>
      parameter['required'] === true && !query.has(String(parameter['name']))
        ? [`${name}: no ${String(parameter['name'])}`]
        : [],
    ),
    ...of('header').flatMap((parameter) =>
      parameter['required'] === true && headers[String(parameter['name']).toLowerCase()] === undefined
        ? [`${name}: no header ${String(parameter['name'])}`]
        : [],
    ),
    ...(validate === null
      ? body === undefined
        ? []
        : [`${name} takes no body`]
      : validate(body)
        ? []
        : [`${name}, body: ${JSON.stringify(validate.errors)}`]),
  ];
}

function answerFaults({ name, answer: validator }: Operation, json: unknown): string[] {
  const answer = validator();
  if (answer === null) return [`${name} answers no JSON`];
  // As it travels: what is undefined is left out.
  const sent: unknown = JSON.parse(JSON.stringify(json));
  return answer(sent) ? [] : [`${name}, answer: ${JSON.stringify(answer.errors?.slice(0, 5))}`];
}

function operationsOf(document: Json): readonly Operation[] {
  const known = compiled.get(document) ?? readOperations(document);
  compiled.set(document, known);
  return known;
}

function readOperations(document: Json): Operation[] {
  const closed = schemaOf(document);
  const ajv = new Ajv({ strict: false, validateFormats: false, validateSchema: false });
  if (!isObject(closed)) throw new Error('no document');
  ajv.addSchema(closed, 'spec');
  const base = typeof document['basePath'] === 'string' ? document['basePath'] : '';
  const compile = (pointer: readonly string[]) =>
    ajv.compile({
      $ref: `spec#/${pointer.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`,
    });
  /** Compiled when it is asked for: a document has hundreds. */
  const once = (pointer: readonly string[] | null) => {
    let validate: ValidateFunction | undefined;
    return () => (pointer === null ? null : (validate ??= compile(pointer)));
  };
  const paths = isObject(document['paths']) ? document['paths'] : {};
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(isObject(item) ? item : {}).flatMap(([method, operation]): Operation[] => {
      if (!METHODS.has(method) || !isObject(operation)) return [];
      const parameters = parametersOf(document, operation);
      const at = ['paths', path, method];
      const bodyAt = parameters.findIndex((parameter) => parameter['in'] === 'body');
      const names = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name = '']) => name);
      const pattern = path.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll(/\{[^}]+\}/g, '([^/]+)');
      const jsonAt = (pointer: readonly string[]) => {
        const found = pointer.reduce<unknown>(
          (node, key) => (isObject(node) ? node[key] : undefined),
          document,
        );
        return found === undefined ? null : pointer;
      };
      const request =
        bodyAt >= 0
          ? [...at, 'parameters', String(bodyAt), 'schema']
          : jsonAt([...at, 'requestBody', 'content', 'application/json', 'schema']);
      const response =
        jsonAt([...at, 'responses', '200', 'content', 'application/json', 'schema']) ??
        jsonAt([...at, 'responses', '200', 'schema']);
      return [
        {
          name: `${method.toUpperCase()} ${path}`,
          method: method.toUpperCase(),
          pattern: new RegExp(`^(.*?)${base}${pattern}$`),
          names,
          parameters,
          body: once(request),
          answer: once(response),
        },
      ];
    }),
  );
}

function parametersOf(document: Json, operation: Json): Json[] {
  const own = Array.isArray(operation['parameters']) ? operation['parameters'] : [];
  return own.filter(isObject).map((parameter) => {
    const reference = parameter['$ref'];
    if (typeof reference !== 'string') return parameter;
    const found = reference
      .slice(2)
      .split('/')
      .reduce<unknown>((node, key) => (isObject(node) ? node[key] : undefined), document);
    return isObject(found) ? found : parameter;
  });
}

/** The schemas of a document as JSON Schema: `nullable` as a type, and objects closed against what they do not name. */
function schemaOf(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(schemaOf);
  if (!isObject(node)) return node;
  if (typeof node['$ref'] === 'string') return { $ref: node['$ref'] };
  const { nullable, 'x-nullable': alsoNullable, discriminator: _discriminator, ...own } = node;
  const rest = Object.fromEntries(Object.entries(own).map(([key, value]) => [key, schemaOf(value)]));
  const isClosed =
    isObject(rest['properties']) &&
    rest['additionalProperties'] === undefined &&
    !('oneOf' in rest || 'anyOf' in rest || 'allOf' in rest);
  const schema = isClosed ? { ...rest, additionalProperties: false } : rest;
  if (nullable !== true && alsoNullable !== true) return schema;
  return Object.keys(schema).length === 0 ? { type: 'null' } : { anyOf: [schema, { type: 'null' }] };
}
