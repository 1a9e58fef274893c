import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { z } from 'zod';
import { sharedData } from '../../shared.ts';

const Parameter = z.object({
  name: z.string(),
  in: z.literal(['query', 'path']),
  required: z.boolean().optional(),
  schema: z.looseObject({ type: z.string().optional() }),
});
const Operation = z.object({
  parameters: z.array(Parameter).default([]),
  responses: z.object({
    200: z.object({ content: z.object({ 'application/json': z.object({ schema: z.looseObject({}) }) }) }),
  }),
});
const Interface = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  components: z.looseObject({}),
});

let read: ReturnType<typeof readInterface> | null = null;

/** OpenAI's published interface: what it says of a request and of an answer. Read once. */
export function openAiInterface() {
  read ??= readInterface();
  return read;
}

function readInterface() {
  const document = Interface.parse(
    JSON.parse(readFileSync(sharedData('specs', 'openai_organization.json'), 'utf8')),
  );
  // `x-` keywords and the discriminator are not of JSON Schema; the alternatives are told apart without them.
  const ajv = new Ajv2020({ strict: false, formats: { unixtime: true, int64: true } });
  ajv.addSchema({ $id: 'openai', components: document.components });
  const operation = (path: string) => {
    const found = document.paths[path]?.['get'];
    return found === undefined ? null : Operation.parse(found);
  };
  // Compiling is what takes long: once a schema.
  const compiled = new Map<string, ValidateFunction>();
  const faults = (schema: object, value: unknown): string[] => {
    const text = JSON.stringify(schema).replaceAll('"#/components/', '"openai#/components/');
    const validate = compiled.get(text) ?? ajv.compile(JSON.parse(text));
    compiled.set(text, validate);
    return validate(value)
      ? []
      : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
  };
  return {
    /** What is wrong with the query of a GET; null where there is no such path. */
    requestFaults(path: string, query: URLSearchParams): string[] | null {
      const found = operation(path);
      if (found === null) return null;
      const known = new Map(found.parameters.map((parameter) => [parameter.name, parameter]));
      const wrong = [...new Set(query.keys())].flatMap((name) => {
        const parameter = known.get(name);
        if (parameter === undefined) return [`${name} is no parameter`];
        const texts = query.getAll(name);
        const { type } = parameter.schema;
        if (type !== 'array' && texts.length > 1) return [`${name} comes twice`];
        const value = type === 'array' ? texts : typed(texts[0] ?? '', type);
        return faults(parameter.schema, value).map((fault) => `${name}: ${fault}`);
      });
      const missing = found.parameters.filter(({ name, required }) => required === true && !query.has(name));
      return [...wrong, ...missing.map(({ name }) => `${name} is missing`)];
    },
    /** What is wrong with the answer to a GET. */
    answerFaults(path: string, body: unknown): string[] {
      const found = operation(path);
      if (found === null) return ['no such path'];
      return faults(found.responses[200].content['application/json'].schema, body);
    },
  };
}

function typed(text: string, type: string | undefined): unknown {
  if (type === 'integer') return /^-?\d+$/.test(text) ? Number(text) : text;
  if (type === 'boolean') return text === 'true' || (text === 'false' ? false : text);
  return text;
}
