import { configJsonSchema } from './schema.ts';

type Schema = Readonly<Record<string, unknown>>;

const HEAD = `# Config reference

One YAML file, \`bursar.yaml\` in the folder where bursar runs or the one that \`--config\` names; \`cdk -c config=FILE\`
reads the same file. Every key but \`schemaVersion\` may be left out. Keys that are not listed here are errors.
Editors complete and check the file with \`bursar schema config > bursar.schema.json\` and this first line:

    # yaml-language-server: $schema=./bursar.schema.json

Amounts and account ids are text: write them in quotes. A secret never stands in the file: where one is needed, say
where it lies, \`{ env: NAME }\` (an environment variable) or \`{ secret: arn:aws:secretsmanager:... }\`.

This page is made from the schema.
`;

/** docs/config.md: every key with its type, its default and what it means, made from the schema. */
export function configReference(): string {
  const sections = Object.entries(children(configJsonSchema())).map(([name, schema]) =>
    section(name, schema),
  );
  return `${HEAD}\n${sections.join('\n')}`;
}

function section(name: string, schema: Schema): string {
  const rows = isScalarLike(schema) ? [row(name, schema, false)] : rowsBelow(name, schema);
  const table =
    rows.length === 0
      ? ''
      : `\n| key | value | default | meaning |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
  return `## ${name}\n\n${text(schema['description'])}\n${table}`;
}

/** Rows of everything below a schema, by dotted path. */
function rowsBelow(path: string, schema: Schema): string[] {
  const own = Object.entries(children(schema));
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const rows = own.flatMap(([key, child]) => rowsOf(`${path}.${key}`, child, required.includes(key)));
  const items = object(schema['items']);
  const values = object(schema['additionalProperties']);
  if (items !== null) rows.push(...rowsOf(`${path}[]`, items, false));
  if (values !== null) rows.push(...rowsOf(`${path}.NAME`, values, false));
  return rows;
}

function rowsOf(path: string, schema: Schema, required: boolean): string[] {
  const options = objects(schema['oneOf']);
  const alternatives = options.length > 0 ? options : objects(schema['anyOf']);
  const isReference = schema['title'] === 'secret reference';
  const isMapping = alternatives.some((option) => Object.keys(children(option)).length > 0);
  if (alternatives.length > 0 && isMapping && !isReference)
    return alternatives.flatMap((option) => {
      const kind = text(object(children(option)['type'])?.['const']);
      const title = text(option['title']);
      const head = kind === '' ? [] : [`| \`${path}\` | \`type: ${kind}\` |  | ${cell(title)} |`];
      const below = rowsBelow(path, option).filter((line) => !line.startsWith(`| \`${path}.type\``));
      return [...head, ...below];
    });
  if (isScalarLike(schema)) return [row(path, schema, required)];
  const below = rowsBelow(path, schema);
  const meaning = text(schema['description']);
  const simple = below.length === 1 && !Object.keys(children(schema)).length;
  if (simple && meaning !== '') return [row(path, schema, required)];
  return [...(meaning === '' ? [] : [row(path, schema, required)]), ...below];
}

function isScalarLike(schema: Schema): boolean {
  return (
    Object.keys(children(schema)).length === 0 &&
    object(schema['items']) === null &&
    object(schema['additionalProperties']) === null
  );
}

function row(path: string, schema: Schema, required: boolean): string {
  const given = required ? '(required)' : defaultOf(schema);
  return `| \`${path}\` | ${cell(kindOf(schema))} | ${cell(given)} | ${cell(text(schema['description']))} |`;
}

function defaultOf(schema: Schema): string {
  const value = schema['default'];
  if (value === undefined || (typeof value === 'object' && JSON.stringify(value) === '{}')) return '';
  return `\`${JSON.stringify(value)}\``;
}

/** What may be written there, in words. */
function kindOf(schema: Schema): string {
  if (schema['title'] === 'secret reference') return '`{ env }` or `{ secret }`';
  if (schema['const'] !== undefined) return `\`${text(schema['const'])}\``;
  if (Array.isArray(schema['enum'])) return schema['enum'].map((value) => `\`${text(value)}\``).join(', ');
  const options = objects(schema['anyOf']);
  if (options.length > 0) return options.map(kindOf).join(', or ');
  const items = object(schema['items']);
  if (items !== null) return `list of ${kindOf(items)}`;
  const values = object(schema['additionalProperties']);
  if (schema['type'] === 'object' && values !== null && Object.keys(children(schema)).length === 0)
    return `mapping to ${kindOf(values)}`;
  return KINDS[text(schema['type'])] ?? text(schema['type']);
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'number',
  integer: 'whole number',
  boolean: 'true or false',
  object: 'mapping',
  array: 'list',
};

function children(schema: Schema): Readonly<Record<string, Schema>> {
  const entries = Object.entries(object(schema['properties']) ?? {});
  return Object.fromEntries(
    entries.flatMap(([key, value]) => {
      const child = object(value);
      return child === null ? [] : [[key, child]];
    }),
  );
}

function objects(value: unknown): Schema[] {
  return Array.isArray(value) ? value.map(object).filter((each) => each !== null) : [];
}

function object(value: unknown): Schema | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : null;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

function cell(words: string): string {
  return words.replaceAll('|', '\\|');
}
