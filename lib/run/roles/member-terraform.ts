import { LONGEST_SESSION, type MemberRole } from '../assemble/member-permissions.ts';
import { inAccount, type Statement } from '../assemble/policy-statements.ts';
import { block, filled, type HclValue, hcl, ref } from './hcl.ts';

const IN_ACCOUNT = inAccount({
  partition: filled('data.aws_partition.current.partition'),
  account: filled('data.aws_caller_identity.current.account_id'),
});

/**
 * The roles of one member account in Terraform's language (provider hashicorp/aws: aws_iam_role, aws_iam_role_policy).
 * Variables are the outputs of the stack that holds the functions.
 */
export function memberTerraform(roles: readonly MemberRole[]): string {
  const entering = [...new Set(roles.flatMap(({ enteredBy }) => enteredBy))];
  return `${[
    block('data', ['aws_partition', 'current'], {}),
    block('data', ['aws_caller_identity', 'current'], {}),
    ...entering.map((output) =>
      block('variable', [variable(output)], {
        type: ref('string'),
        description: `Output ${output} of the stack that holds the functions`,
      }),
    ),
    ...roles.flatMap(resources),
  ].join('\n\n')}\n`;
}

function resources(role: MemberRole): string[] {
  const resource = `bursar_${role.id}`;
  return [
    block('resource', ['aws_iam_role', resource], {
      name: role.roleName,
      description: role.description,
      max_session_duration: LONGEST_SESSION,
      assume_role_policy: document(
        role.enteredBy.map((output) => ({
          Effect: 'Allow',
          Principal: { AWS: ref(`var.${variable(output)}`) },
          Action: 'sts:AssumeRole',
          ...(Object.keys(role.condition).length === 0 ? {} : { Condition: role.condition }),
        })),
      ),
    }),
    block('resource', ['aws_iam_role_policy', resource], {
      name: 'Bursar',
      role: ref(`aws_iam_role.${resource}.id`),
      policy: document(role.statements(IN_ACCOUNT).map(plain)),
    }),
  ];
}

function document(statements: readonly HclValue[]) {
  return ref(`jsonencode(${hcl({ Version: '2012-10-17', Statement: statements }, 2)})`);
}

/** Conditions hold texts and lists of texts alone. */
function plain({ Effect, Action, Resource, Condition }: Statement): HclValue {
  return {
    Effect,
    Action,
    Resource,
    ...(Condition === undefined
      ? {}
      : {
          Condition: Object.fromEntries(
            Object.entries(Condition).map(([operator, keys]) => [
              operator,
              Object.fromEntries(
                Object.entries(keys).map(([key, value]) => [
                  key,
                  Array.isArray(value) ? value.map(String) : String(value),
                ]),
              ),
            ]),
          ),
        }),
  };
}

/** `PlanRoleArn` as Terraform's people write it: `plan_role_arn`. */
function variable(output: string): string {
  return output.replaceAll(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}
