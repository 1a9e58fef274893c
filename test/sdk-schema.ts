/**
 * Checks a fake's answer against the schema that the AWS SDK itself exports (`GetCostAndUsageResponse$`), so
 * that no test rests on an answer that AWS could not give. Unknown members and wrong types are listed.
 *
 * A schema is a tuple: `[3, namespace, name, traits, member names, member schemas]` a structure,
 * `[0, namespace, name, traits, type]` a simple type with traits, `[1, namespace, name, traits, item]` a list,
 * `[2, namespace, name, traits, key, value]` a map; a number is a simple type (0 text, 1 number, 2 boolean, 4 to 7 a
 * time), with 64 added a list of it, with 128 a map to it
 * (@smithy/types, schema/static-schemas and sentinels).
 */
export function schemaFaults(schema: unknown, value: unknown, at = '$'): string[] {
  const plain: unknown = typeof schema === 'function' ? Reflect.apply(schema, undefined, []) : schema;
  if (typeof plain === 'number') return simpleFaults(plain, value, at);
  if (!Array.isArray(plain)) throw new TypeError(`${at}: no schema`);
  const parts: readonly unknown[] = plain;
  const [kind, , , , first, second] = parts;
  // A member with traits of its own is `[schema, traits]`.
  if (parts.length === 2) return schemaFaults(kind, value, at);
  if (kind === 0) return schemaFaults(first, value, at);
  if (kind === 1) return listFaults(first, value, at);
  if (kind === 2) return mapFaults(second, value, at);
  if (kind === 3 || kind === -3) {
    if (!isRecord(value) || !Array.isArray(first) || !Array.isArray(second)) return [`${at} is no structure`];
    const names: readonly unknown[] = first;
    const members: readonly unknown[] = second;
    return Object.entries(value).flatMap(([name, member]) => {
      const index = names.indexOf(name);
      return index < 0 ? [`${at}.${name} is unknown`] : schemaFaults(members[index], member, `${at}.${name}`);
    });
  }
  throw new TypeError(`${at}: schema kind ${String(kind)} is not known here`);
}

function simpleFaults(schema: number, value: unknown, at: string): string[] {
  if (schema >= 128) return mapFaults(schema - 128, value, at);
  if (schema >= 64) return listFaults(schema - 64, value, at);
  const wanted = {
    0: 'string',
    1: 'number',
    2: 'boolean',
    4: 'number',
    5: 'string',
    6: 'string',
    7: 'number',
  }[schema];
  if (wanted === undefined) throw new TypeError(`${at}: simple type ${schema} is not known here`);
  return typeof value === wanted ? [] : [`${at} is no ${wanted}`];
}

function listFaults(item: unknown, value: unknown, at: string): string[] {
  if (!Array.isArray(value)) return [`${at} is no list`];
  const items: readonly unknown[] = value;
  return items.flatMap((one, index) => schemaFaults(item, one, `${at}[${index}]`));
}

function mapFaults(item: unknown, value: unknown, at: string): string[] {
  if (!isRecord(value)) return [`${at} is no map`];
  return Object.entries(value).flatMap(([key, one]) => schemaFaults(item, one, `${at}.${key}`));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
