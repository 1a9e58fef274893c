import { CfnParameter, DefaultStackSynthesizer, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import {
  ArnPrincipal,
  CompositePrincipal,
  type IPrincipal,
  type PolicyStatement,
  PrincipalWithConditions,
  Role,
} from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Config } from '../lib/config/schema.ts';
import type { Permission } from '../lib/platform/permissions.ts';
import { type ActRole, roleRights } from '../lib/run/assemble/act-permissions.ts';
import { readRights } from '../lib/run/assemble/permissions.ts';
import { allowances, protections } from './member-statements.ts';
import { acknowledgeWildcards } from './nag.ts';
import { accountArn } from './permissions.ts';

type Aws = NonNullable<Config['estate']['aws']>;

/** The functions that enter a role, by the outputs of the stack that holds them. */
const ENTERED_BY = {
  read: ['PlanRoleArn', 'CollectRoleArn', 'SweepRoleArn'],
  act: ['SweepRoleArn'],
  tag: ['SweepRoleArn'],
} as const;
type Name = keyof typeof ENTERED_BY;

export interface MemberRolesProps extends StackProps {
  readonly config: Config;
}

/**
 * The roles of one member account, for every region of it: to read; where a policy says stop, to act; where the
 * config names a role for it, to put tags right. One template for every account: a stack set can take it.
 */
export class MemberRoles extends Stack {
  /** By what they are for; only what the config lets happen is there. */
  readonly roles: Readonly<Partial<Record<Name, Role>>>;
  readonly #parameters = new Map<string, CfnParameter>();

  constructor(scope: Construct, id: string, { config, ...props }: MemberRolesProps) {
    super(scope, id, {
      description: 'Bursar: what its functions may do in this account',
      // So that an account needs no bootstrap.
      synthesizer: new Plain({ generateBootstrapVersionRule: false }),
      ...props,
    });
    const { aws } = config.estate;
    if (aws === undefined) {
      this.roles = {};
      return;
    }
    this.roles = {
      read: this.#role('read', aws.readRole, aws, readRights(aws, config.owners), []),
      ...this.#changing('act', aws.actRole, aws, config),
      ...(aws.tagRole === undefined ? {} : this.#changing('tag', aws.tagRole, aws, config)),
    };
  }

  #changing(name: ActRole, roleName: string, aws: Aws, config: Config): Partial<Record<ActRole, Role>> {
    const rights = roleRights(config, name);
    if (rights.length === 0) return {};
    const denies = protections(name, rights, config.guards.protectedTags);
    return { [name]: this.#role(name, roleName, aws, rights, denies) };
  }

  #role(
    name: Name,
    roleName: string,
    aws: Aws,
    rights: readonly Permission[],
    denies: readonly PolicyStatement[],
  ): Role {
    const role = new Role(this, `${name[0]?.toUpperCase()}${name.slice(1)}`, {
      roleName,
      description: `Bursar: ${name === 'read' ? 'reads; changes nothing' : 'carries out what policies allow'}`,
      // The least that IAM takes; Bursar asks for 900 seconds, the least of STS (STS API Reference, AssumeRole).
      maxSessionDuration: Duration.hours(1),
      assumedBy: this.#trusted(name, aws),
    });
    for (const statement of [...allowances(name, rights), ...denies]) role.addToPolicy(statement);
    acknowledgeWildcards(role, rights, accountArn);
    return role;
  }

  /** Only these functions, with the external id, of this organisation; to act only in the name of a finding. */
  #trusted(name: Name, { externalId, organisationId }: Aws): IPrincipal {
    const conditions = {
      StringEquals: {
        ...(externalId === undefined ? {} : { 'sts:ExternalId': externalId }),
        ...(organisationId === undefined ? {} : { 'aws:PrincipalOrgID': organisationId }),
      },
      ...(name === 'read' ? {} : { StringLike: { 'sts:RoleSessionName': 'bursar-f-*' } }),
    };
    const held = Object.entries(conditions).filter(([, keys]) => Object.keys(keys).length > 0);
    return new CompositePrincipal(
      ...ENTERED_BY[name].map(
        (output) =>
          new PrincipalWithConditions(new ArnPrincipal(this.#parameter(output)), Object.fromEntries(held)),
      ),
    );
  }

  #parameter(output: string): string {
    const known =
      this.#parameters.get(output) ??
      new CfnParameter(this, output, {
        type: 'String',
        description: `Output ${output} of the stack that holds the functions`,
        allowedPattern: '^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$',
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
