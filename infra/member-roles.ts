import { CfnParameter, DefaultStackSynthesizer, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import {
  ArnPrincipal,
  CompositePrincipal,
  PolicyStatement,
  PrincipalWithConditions,
  Role,
} from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Config } from '../lib/config/schema.ts';
import {
  LONGEST_SESSION,
  type MemberRole,
  type MemberRoleId,
  memberRoles,
  ROLE_ARN,
} from '../lib/run/assemble/member-permissions.ts';
import { acknowledgeWildcards } from './acknowledge.ts';
import { accountArn } from './permissions.ts';

export interface MemberRolesProps extends StackProps {
  readonly config: Config;
}

/** The roles of one member account, for every region of it. One template for every account: a stack set can take it. */
export class MemberRoles extends Stack {
  /** By what they are for; only what the config lets happen is there. */
  readonly roles: Readonly<Partial<Record<MemberRoleId, Role>>>;
  readonly #parameters = new Map<string, CfnParameter>();

  constructor(scope: Construct, id: string, { config, ...props }: MemberRolesProps) {
    super(scope, id, {
      description: 'Bursar: what its functions may do in this account',
      // So that an account needs no bootstrap.
      synthesizer: new Plain({ generateBootstrapVersionRule: false }),
      ...props,
    });
    this.roles = Object.fromEntries(memberRoles(config).map((role) => [role.id, this.#role(role)]));
  }

  #role(member: MemberRole): Role {
    const { id, roleName, description, enteredBy, condition, rights } = member;
    const role = new Role(this, `${id[0]?.toUpperCase()}${id.slice(1)}`, {
      roleName,
      description,
      maxSessionDuration: Duration.seconds(LONGEST_SESSION),
      assumedBy: new CompositePrincipal(
        ...enteredBy.map(
          (output) => new PrincipalWithConditions(new ArnPrincipal(this.#parameter(output)), condition),
        ),
      ),
    });
    for (const statement of member.statements(accountArn))
      role.addToPolicy(PolicyStatement.fromJson(statement));
    acknowledgeWildcards(role, rights, accountArn);
    return role;
  }

  #parameter(output: string): string {
    const known =
      this.#parameters.get(output) ??
      new CfnParameter(this, output, {
        type: 'String',
        description: `Output ${output} of the stack that holds the functions`,
        allowedPattern: ROLE_ARN,
      });
    this.#parameters.set(output, known);
    return known.valueAsString;
  }
}

/** Has all of these as texts: what a stack takes, under `exactOptionalPropertyTypes`. */
class Plain extends DefaultStackSynthesizer {
  override get cloudFormationExecutionRole(): string {
    return super.cloudFormationExecutionRole ?? '';
  }

  override get lookupRole(): string {
    return super.lookupRole ?? '';
  }

  override get bootstrapQualifier(): string {
    return super.bootstrapQualifier ?? DefaultStackSynthesizer.DEFAULT_QUALIFIER;
  }
}
