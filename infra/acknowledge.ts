import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { Permission } from '../lib/platform/permissions.ts';
import { ownArn } from './permissions.ts';

/** Says why what a rule objects to is meant so. */
export function acknowledge(scope: IConstruct, id: string, reason: string): void {
  Validations.of(scope).acknowledge({ id: `AwsSolutions::${id}`, reason });
}

/** A declared right over more than one resource is acknowledged with the reason that its adapter declares. */
export function acknowledgeWildcards(
  scope: IConstruct,
  permissions: readonly Permission[],
  arn: (declared: string) => string = ownArn,
): void {
  const reasons = new Map<string, Set<string>>();
  for (const { cloud, action, resources = ['*'], why } of permissions)
    for (const resource of cloud === 'aws' ? resources : []) {
      if (!resource.includes('*')) continue;
      const id = `AwsSolutions-IAM5[Resource::${shown(scope, arn(resource))}]`;
      reasons.set(id, (reasons.get(id) ?? new Set()).add(`${action} ${why}`));
    }
  for (const [id, why] of reasons) acknowledge(scope, id, `${[...why].join('; ')}.`);
}

/** A text of the template as cdk-nag names it: references as `<LogicalId>` or `<LogicalId.Attribute>`. */
export function shown(scope: IConstruct, text: string): string {
  return words(Stack.of(scope).resolve(text));
}

function words(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null) {
    const [[key, argument] = ['', null]] = Object.entries(value);
    if (key === 'Ref') return `<${String(argument)}>`;
    if (key === 'Fn::GetAtt' && Array.isArray(argument)) return `<${argument.join('.')}>`;
    if (key === 'Fn::Join' && Array.isArray(argument)) {
      const [between, parts]: unknown[] = argument;
      if (Array.isArray(parts)) return parts.map(words).join(String(between));
    }
  }
  throw new TypeError(`cdk-nag's name of ${JSON.stringify(value)} is not known`);
}
