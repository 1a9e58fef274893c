import { z } from 'zod';

/** What a template refers to, by its name: a parameter, `AWS::AccountId`, or `LogicalId.Attribute`. */
export type Known = Readonly<Record<string, string>>;

/** A part of a template with its intrinsic functions worked out, as a deployment does it. */
export function resolved(value: unknown, known: Known): unknown {
  if (Array.isArray(value)) return value.map((each) => resolved(each, known));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [[key, argument] = ['', null]] = entries;
  if (entries.length === 1 && key === 'Ref') return named(String(argument), known);
  if (entries.length === 1 && key === 'Fn::GetAtt')
    return named(z.array(z.string()).parse(argument).join('.'), known);
  if (entries.length === 1 && key === 'Fn::Join') {
    const [separator, parts] = z.tuple([z.string(), z.array(z.unknown())]).parse(argument);
    return parts.map((part) => String(resolved(part, known))).join(separator);
  }
  if (entries.length === 1 && key === 'Fn::Sub')
    return String(argument).replaceAll(/\$\{([^}]+)\}/g, (_, name: string) => named(name, known));
  if (key.startsWith('Fn::')) throw new Error(`the template calls ${key}`);
  return Object.fromEntries(entries.map(([name, inner]) => [name, resolved(inner, known)]));
}

const Resources = z.object({
  Resources: z.record(z.string(), z.object({ Type: z.string() })),
});

/**
 * Names and ARNs that a deployment gives to the resources of a template; what they return for `Ref` and `Arn` stands
 * in the CloudFormation Template Reference, "Return values" of each type.
 */
export function deployedAs(template: unknown, account: string, region: string): Known {
  const known = Object.entries(Resources.parse(template).Resources).flatMap(([id, { Type }]) => {
    const name = id.toLowerCase();
    const at = (service: string, rest: string) => `arn:aws:${service}:${region}:${account}:${rest}`;
    const arns: Record<string, string> = {
      'AWS::S3::Bucket': `arn:aws:s3:::${name}`,
      'AWS::DynamoDB::GlobalTable': at('dynamodb', `table/${name}`),
      'AWS::SQS::Queue': at('sqs', name),
      'AWS::SNS::Topic': at('sns', name),
      'AWS::Lambda::Function': at('lambda', `function:${name}`),
      'AWS::Logs::LogGroup': at('logs', `log-group:${name}:*`),
      'AWS::IAM::Role': `arn:aws:iam::${account}:role/${name}`,
    };
    const arn = arns[Type];
    if (arn === undefined) return [];
    return [
      [id, Type === 'AWS::SNS::Topic' ? arn : name],
      [`${id}.Arn`, arn],
    ];
  });
  return {
    ...Object.fromEntries(known),
    'AWS::Partition': 'aws',
    'AWS::AccountId': account,
    'AWS::Region': region,
    'AWS::StackName': 'Bursar',
  };
}

function named(name: string, known: Known): string {
  const found = known[name];
  if (found === undefined) throw new Error(`the template refers to ${name}`);
  return found;
}

const words = z.union([z.string().transform((text) => [text]), z.array(z.string())]);
const Statement = z
  .object({
    Effect: z.enum(['Allow', 'Deny']),
    Action: words,
    Resource: words,
    Condition: z.record(z.string(), z.record(z.string(), words)).optional(),
  })
  .strict();

/** Statements in one way of writing them, in order: a list of one is the same as the one. */
export function statementsOf(document: unknown): unknown[] {
  return z
    .object({ Version: z.literal('2012-10-17'), Statement: z.array(Statement) })
    .parse(document)
    .Statement.map((statement) => ({
      ...statement,
      Action: statement.Action.toSorted(),
      Resource: statement.Resource.toSorted(),
    }))
    .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
