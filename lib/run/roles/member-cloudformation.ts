import { stringify } from 'yaml';
import { LONGEST_SESSION, type MemberRole, ROLE_ARN } from '../assemble/member-permissions.ts';
import { inAccount } from '../assemble/policy-statements.ts';

/** As `Fn::Sub` fills them in; no declared right holds anything else of the form `${...}`. */
const IN_TEMPLATE = inAccount({
  partition: `\${AWS::Partition}`,
  account: `\${AWS::AccountId}`,
});

/**
 * A CloudFormation template of the roles of one member account, the same for every account: for a stack, or for a
 * stack set of the organisation. Parameters are the outputs of the same names of the stack that holds the functions.
 */
export function memberTemplate(roles: readonly MemberRole[]): string {
  const entering = [...new Set(roles.flatMap(({ enteredBy }) => enteredBy))];
  const template = {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'Bursar: what its functions may do in this account',
    Parameters: Object.fromEntries(
      entering.map((output) => [
        output,
        {
          Type: 'String',
          Description: `Output ${output} of the stack that holds the functions`,
          AllowedPattern: ROLE_ARN,
        },
      ]),
    ),
    Resources: Object.fromEntries(roles.map((role) => [nameOf(role), resourceOf(role)])),
    Outputs: Object.fromEntries(
      roles.map((role) => [`${nameOf(role)}RoleArn`, { Value: { 'Fn::GetAtt': [nameOf(role), 'Arn'] } }]),
    ),
  };
  return stringify(template, {
    lineWidth: 0,
    // A date like 2012-10-17 must stay a text.
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
    aliasDuplicateObjects: false,
  });
}

function nameOf({ id }: MemberRole): string {
  return `${id[0]?.toUpperCase()}${id.slice(1)}`;
}

function resourceOf(role: MemberRole) {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: role.roleName,
      Description: role.description,
      MaxSessionDuration: LONGEST_SESSION,
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: role.enteredBy.map((output) => ({
          Effect: 'Allow',
          Principal: { AWS: { Ref: output } },
          Action: 'sts:AssumeRole',
          ...(Object.keys(role.condition).length === 0 ? {} : { Condition: role.condition }),
        })),
      },
      Policies: [
        {
          PolicyName: 'Bursar',
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: role.statements(IN_TEMPLATE).map(({ Resource, ...rest }) => ({
              ...rest,
              Resource: Resource.map((arn) => (arn.includes('${') ? { 'Fn::Sub': arn } : arn)),
            })),
          },
        },
      ],
    },
  };
}
