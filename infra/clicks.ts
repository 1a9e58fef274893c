import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { FunctionUrlAuthType, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

/** Requests a second, and at once: people click, and Slack asks again after a refusal. */
const THROTTLE = { rateLimit: 50, burstLimit: 100 };
const CLICKS = ' clicks';
/** An API's name has no more characters (Amazon API Gateway V2 API Reference, StringWithLengthBetween1And128). */
const API_NAME = 128;

export interface ClicksProps {
  readonly kind: 'function-url' | 'http-api';
  readonly function: IFunction;
  readonly logRetention: RetentionDays;
  readonly key: IKey | null;
}

/**
 * Where Slack sends clicks. Slack signs its requests and has no credentials of AWS, so that neither address asks for
 * any: the function itself verifies each.
 */
export class Clicks extends Construct {
  readonly url: string;

  constructor(scope: Construct, id: string, props: ClicksProps) {
    super(scope, id);
    this.url =
      props.kind === 'function-url'
        ? props.function.addFunctionUrl({ authType: FunctionUrlAuthType.NONE }).url
        : this.#api(props);
  }

  /** Payload 2.0, which a function's URL hands over, too (Lambda Developer Guide, "Request payload format"). */
  #api({ function: called, logRetention, key }: ClicksProps): string {
    const { stackName } = Stack.of(this);
    const api = new HttpApi(this, 'Api', {
      apiName: `${stackName.slice(0, API_NAME - CLICKS.length)}${CLICKS}`,
      description: `Clicks from Slack for ${stackName}`,
      createDefaultStage: false,
    });
    const [route] = api.addRoutes({
      path: '/',
      methods: [HttpMethod.POST],
      integration: new HttpLambdaIntegration('Slack', called),
    });
    const logGroup = new LogGroup(this, 'AccessLog', {
      retention: logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(key === null ? {} : { encryptionKey: key }),
    });
    const stage = new HttpStage(this, 'Stage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      throttle: THROTTLE,
      accessLogSettings: { destination: new LogGroupLogDestination(logGroup) },
    });
    if (route !== undefined)
      acknowledge(
        route,
        'AwsSolutions-APIG4',
        'Slack signs its requests and has no credentials of AWS: the function verifies each.',
      );
    return stage.url;
  }
}
