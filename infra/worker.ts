import { Aws, Duration, RemovalPolicy, Size, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, CfnFunction, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Config } from '../lib/config/schema.ts';
import { logPermissions } from '../lib/platform/log.ts';
import type { Permission } from '../lib/platform/permissions.ts';
import type { Entry } from '../lib/run/assemble/permissions.ts';
import { VPC_PERMISSIONS } from '../lib/run/assemble/store-networks.ts';
import { acknowledgeWildcards } from './acknowledge.ts';
import { handlerCode } from './handler.ts';
import { CONFIG_FILE, fetchBinding } from './native.ts';
import { statements } from './permissions.ts';

export interface WorkerProps {
  /** File under functions/, without its ending. */
  readonly entry: Entry;
  readonly what: string;
  readonly architecture: 'arm64' | 'x86_64';
  readonly duckdb: boolean;
  readonly memoryMiB: number;
  readonly timeout: Duration;
  /** Scratch disk; Lambda gives 512 MiB unasked. */
  readonly diskMiB?: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly permissions: readonly Permission[];
  /** The validated config, which the bundle carries. */
  readonly config: Config;
  /** Keeps the scheduled starts that failed three times; null where a queue feeds it. */
  readonly deadLetters: IQueue | null;
  readonly logRetention: RetentionDays;
  /** Of the log; null: that of CloudWatch Logs. */
  readonly key: IKey | null;
  /** Runs at once that it has for itself; left out: what the account has left. */
  readonly reservedConcurrency?: number | undefined;
  /** Where in a VPC it runs; left out: outside of any. */
  readonly network?: { readonly subnets: readonly string[]; readonly securityGroups: readonly string[] };
}

/** One function: its bundle, a role of its own with the declared permissions and nothing more, its log group. */
export class Worker extends Construct {
  readonly what: string;
  readonly function: LambdaFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: WorkerProps) {
    super(scope, id);
    this.what = props.what;
    const logGroup = new LogGroup(this, 'Log', {
      retention: props.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(props.key === null ? {} : { encryptionKey: props.key }),
    });
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `Bursar: ${props.what}`,
    });
    const permissions = [...logPermissions(logGroup.logGroupArn), ...props.permissions];
    for (const statement of statements(permissions)) this.role.addToPolicy(statement);
    acknowledgeWildcards(this.role, permissions);
    if (props.network !== undefined) this.role.addToPolicy(onlyForLambda());
    const native = props.architecture === 'arm64' ? 'arm64' : 'x64';
    // Where it cannot be had, that is told here, and not as a failure of the CDK's bundling.
    if (props.duckdb && Stack.of(this).bundlingRequired) fetchBinding(native);
    this.function = new LambdaFunction(this, 'Function', {
      description: `Bursar: ${props.what}`,
      code: handlerCode({
        entry: props.entry,
        duckdb: props.duckdb ? native : null,
        config: props.config,
      }),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: props.architecture === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64,
      memorySize: props.memoryMiB,
      timeout: props.timeout,
      ephemeralStorageSize: Size.mebibytes(props.diskMiB ?? 512),
      role: this.role,
      logGroup,
      ...(props.reservedConcurrency === undefined
        ? {}
        : { reservedConcurrentExecutions: props.reservedConcurrency }),
      // Scheduler only hands the event over: what the function throws is tried again by Lambda itself.
      ...(props.deadLetters === null
        ? {}
        : { deadLetterQueue: props.deadLetters, retryAttempts: 2, maxEventAge: Duration.hours(1) }),
      environment: {
        ...props.environment,
        BURSAR_CONFIG: CONFIG_FILE,
        NODE_OPTIONS: '--enable-source-maps --disable-warning=ExperimentalWarning',
      },
    });
    if (props.network !== undefined) this.#attach(props.network);
    // Said here: by its own `tracing` the CDK would grant what is declared already.
    if (props.config.deploy.tracing) this.#template().tracingConfig = { mode: 'Active' };
  }

  /** As the template says it: subnets are named by their ids, and nothing is looked up. */
  #attach({ subnets, securityGroups }: NonNullable<WorkerProps['network']>): void {
    this.#template().vpcConfig = { subnetIds: [...subnets], securityGroupIds: [...securityGroups] };
  }

  #template(): CfnFunction {
    const made = this.function.node.defaultChild;
    if (!(made instanceof CfnFunction)) throw new TypeError('the function is no AWS::Lambda::Function');
    return made;
  }
}

/**
 * Lambda attaches the function to its VPC with the rights of the function's role; code in it never needs them. It
 * signs with `lambda:SourceFunctionArn`, Lambda without (AWS Lambda Developer Guide, "Using source function ARN to
 * control function access behavior").
 */
function onlyForLambda(): PolicyStatement {
  return new PolicyStatement({
    effect: Effect.DENY,
    actions: VPC_PERMISSIONS.map(({ action }) => action),
    resources: ['*'],
    conditions: { ArnLike: { 'lambda:SourceFunctionArn': `arn:${Aws.PARTITION}:lambda:*:*:function:*` } },
  });
}
