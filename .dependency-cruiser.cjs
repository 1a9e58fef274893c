/** The rules of the house: which room may look into which, and where SDKs, disk and clock may be touched. */
const SDK =
  '^node_modules/(@aws-sdk|@smithy|@slack/web-api|@google-cloud|google-auth-library|@duckdb|@lancedb|@zilliz|apache-arrow|pg/|emulate)';
const PURE =
  '^lib/(focus|checks|analysis|digest)/|^lib/ledger/(model|life\\.|calendar|policy|guards|business-time|decide|finding|reconcile|step|alerts/(model|decide))|^lib/notices/(model|blocks)|^lib/estate/model|^lib/lake/model|^lib/sources/model';
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, dependencyTypesNot: ['type-only'] },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: ['\\.d\\.ts$', '/model\\.ts$', '^functions/', '^infra/(app|build|packed-app)\\.ts$'],
      },
      to: {},
    },
    {
      name: 'no-dev-dependency-in-lib',
      comment: 'what ships needs a real dependency',
      severity: 'error',
      from: { path: '^(lib|functions)/' },
      // LanceDB and Milvus are optional peers: types alone, and one import where they are opened.
      to: { dependencyTypes: ['npm-dev'], pathNot: '^node_modules/(@types|@lancedb|@zilliz|apache-arrow)/' },
    },
    {
      name: 'pure-rooms-take-what-they-need',
      comment: 'no SDK, disk, process or network in a pure room',
      severity: 'error',
      from: { path: PURE },
      to: { path: `${SDK}|^(node:)?(fs|fs/promises|os|process|child_process|net|http|https|path)$` },
    },
    {
      name: 'pure-rooms-look-only-at-values',
      severity: 'error',
      from: { path: PURE },
      to: {
        path: '^lib/(run|cli|config|demo|actions|lake/(?!model)|estate/(?!model)|sources/(?!model)|notices/slack|ledger/(?!model|life\\.|calendar|policy|guards|business-time|finding|decide|reconcile|step|alerts/(model|decide)))',
      },
    },
    {
      name: 'checks-do-not-know-each-other',
      severity: 'error',
      from: { path: '^lib/checks/([^/]+)\\.ts$', pathNot: '^lib/checks/(index|registry)' },
      to: {
        path: '^lib/checks/(idle-gpu|untagged|tag-policy|stale-embeddings|expired-experiment|unattached-volume|idle-address|idle-load-balancer|idle-nat-gateway|idle-database|old-snapshot|stopped-but-billed|logs-kept-for-ever|incomplete-uploads|no-lifecycle-rule|previous-generation|idle-provisioned-throughput|unused-capacity-reservation|failing-job|overrunning-job|idle-notebook|no-idle-shutdown|sparse-endpoint|oversized-accelerator|idle-endpoint|owner-conflict|unattributed-ai|unapproved-ai-service)\\.ts$',
        pathNot: '^lib/checks/$1\\.ts$',
      },
    },
    {
      name: 'no-step-reads-upstream',
      comment: 'the way of the data goes one way',
      severity: 'error',
      from: { path: '^lib/(estate|sources|lake|focus|checks|analysis|platform)/' },
      to: { path: '^lib/(run|cli|digest|notices|actions|ledger)/' },
    },
    {
      name: 'sdk-only-in-adapters',
      severity: 'error',
      from: {
        path: '^lib/|^functions/',
        pathNot:
          '^lib/(sources/[^/]+/|estate/(vectors/sources|aws|gcp|pgvector|lancedb|milvus)/|actions/|lake/(store|engine|ingest)|ledger/(dynamodb|sqlite)|notices/slack|platform/|run/assemble/)',
      },
      to: { path: SDK, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'functions-and-cli-hold-no-logic',
      severity: 'error',
      from: { path: '^(functions|lib/cli)/' },
      to: {
        path: '^lib/(checks|analysis|sources|estate|lake|ledger|actions)/(?!model)',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'use-cases-do-not-know-their-callers',
      severity: 'error',
      from: { path: '^lib/run/' },
      to: { path: '^(lib/cli|functions|infra)/' },
    },
    {
      name: 'nothing-imports-tests',
      severity: 'error',
      from: { path: '^(lib|functions|infra)/' },
      to: { path: '^test/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      exportsFields: ['exports'],
    },
  },
};
