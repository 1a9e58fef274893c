/** A reference in Terraform's language, which a text may hold: `var.plan_role_arn`. */
export interface Reference {
  readonly reference: string;
}

export type HclValue =
  | string
  | number
  | Reference
  | readonly HclValue[]
  | { readonly [name: string]: HclValue };

export function ref(reference: string): Reference {
  return { reference };
}

/** A text in which a reference is filled in: `${data.aws_partition.current.partition}`. */
export function filled(reference: string): string {
  return `${OPEN}${reference}${CLOSE}`;
}

/** Marks that no name, ARN or tag key can hold. */
const OPEN = '\u0001';
const CLOSE = '\u0002';

/**
 * A value of Terraform's language. What only looks like a template sequence is escaped (Terraform language,
 * "Strings and templates": `$${` and `%%{`).
 * @param indent spaces before the lines after the first
 */
export function hcl(value: HclValue, indent = 0): string {
  const inner = ' '.repeat(indent + 2);
  const outer = ' '.repeat(indent);
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return quoted(value);
  if (isList(value))
    return value.length === 0
      ? '[]'
      : `[\n${value.map((each) => `${inner}${hcl(each, indent + 2)},\n`).join('')}${outer}]`;
  if (isReference(value)) return value.reference;
  const lines = Object.entries(value).map(
    ([name, each]) =>
      `${inner}${/^[A-Za-z_]\w*$/.test(name) ? name : quoted(name)} = ${hcl(each, indent + 2)}\n`,
  );
  return lines.length === 0 ? '{}' : `{\n${lines.join('')}${outer}}`;
}

/** One block: `resource "aws_iam_role" "read" { ... }`; a nested block is a text of `block`. */
export function block(
  head: string,
  labels: readonly string[],
  attributes: Readonly<Record<string, HclValue>>,
  nested: readonly string[] = [],
): string {
  const lines = Object.entries(attributes).map(([name, value]) => `  ${name} = ${hcl(value, 2)}`);
  const inside = nested.map((text) => text.replaceAll(/^(?=.)/gm, '  '));
  return [
    `${[head, ...labels.map((label) => JSON.stringify(label))].join(' ')} {`,
    ...lines,
    ...inside,
    '}',
  ].join('\n');
}

function quoted(text: string): string {
  return JSON.stringify(text.replaceAll('${', '$${').replaceAll('%{', '%%{'))
    .replaceAll('\\u0001', '${')
    .replaceAll('\\u0002', '}');
}

function isList(value: HclValue): value is readonly HclValue[] {
  return Array.isArray(value);
}

function isReference(value: HclValue): value is Reference {
  return typeof value === 'object' && 'reference' in value;
}
