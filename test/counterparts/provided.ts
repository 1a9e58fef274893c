import type { ProvidedContext } from 'vitest';

/** How a test reaches the emulated Slack and the proxy that checks and disturbs what is sent to it. */
export interface SlackAccess {
  /** For `slackApiUrl` and `SLACK_API_URL`; ends in `/api/`. */
  readonly url: string;
  /** The bot's token. */
  readonly token: string;
  /** A channel's id. */
  readonly channel: string;
  /** The address that `slack.control.ts` speaks to. */
  readonly control: string;
}

/** What each counterpart's set-up hands to the tests of its project: `inject('motoUrl')`. */
declare module 'vitest' {
  export interface ProvidedContext {
    /** moto's server, for every AWS client of projects `moto` and `journey`. */
    motoUrl: string;
    /** DynamoDB Local: projects `dynamodb` and `journey`. */
    dynamodbUrl: string;
    /** MiniStack: projects `ministack` and `readme`; give it to the CDK as `AWS_ENDPOINT_URL`. */
    ministackUrl: string;
    /** Postgres with pgvector: projects `pglite` and `journey`. */
    postgresUrl: string;
    /** A native Postgres with pgvector, each of whose connections is a session of its own: project `postgres`. */
    nativePostgresUrl: string;
    /** Google's REST APIs, replayed and faked by schema: projects `gcp` and `journey`. */
    gcpUrl: string;
    /** Slack behind the checking proxy: projects `slack`, `journey`, `ministack` and `readme`. */
    slack: SlackAccess;
    /** Prism as a mock of OpenAI's published interface, to which `/v1` is added: project `vendors`. */
    prismUrl: string;
    /** Where Prism is installed, for `startPrism` of prism.ts: project `vendors`. */
    prismFolder: string;
    /** BigQuery's emulator with Google's own grammar, without a proxy before it: project `bigquery`. */
    bigqueryUrl: string;
    /** Begins that emulator anew where it is asked by POST. */
    bigqueryRenewal: string;
    /** A second emulator of BigQuery, for its protocol alone: project `bigquery`. */
    bqemulatorUrl: string;
    /** The FOCUS validator: see focus.validate.ts. */
    focusValidator: string;
    /** cfn-lint's interpreter, for `lintTemplate` of cfn-lint.ts: project `cfnlint`. */
    cfnLint: { readonly python: string };
    /** A Trino server and the folder that `local:///` means: project `trino`. */
    trino: { readonly url: string; readonly folder: string };
    /** An OpenSearch server of one node, without plugins: project `opensearch`. */
    opensearchUrl: string;
    /** Milvus Lite, without a login: project `milvus`. */
    milvusUrl: string;
    /** A temporary folder of project `focus`. */
    focusFolder: string;
    /** Chromium for `playwright-core`: project `browser`. */
    browser: { readonly executablePath: string; readonly args: string[] };
    /** File of axe, the judge of accessibility: project `browser`. */
    axe: string;
  }
}

export type Provided = ProvidedContext;
