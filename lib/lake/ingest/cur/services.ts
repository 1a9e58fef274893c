import { literal } from '../sql-text.ts';

/**
 * Category and subcategory of AWS services by product code (`line_item_product_code`), after the definitions of
 * ServiceCategory and ServiceSubcategory in FOCUS 1.2. AWS publishes no such table; where the real FOCUS sample of
 * AWS tells the category of a service, the table follows it (September 2024), except for its container services,
 * which it calls Other. A service that is not here is Other.
 */
const CATEGORIES: Readonly<Record<string, readonly [category: string, subcategory: string]>> = {
  ...of('Compute', 'Virtual Machines', 'AmazonEC2 AmazonLightsail AWSElasticBeanstalk ComputeSavingsPlans'),
  ...of('Compute', 'Containers', 'AmazonECS AmazonEKS AmazonECR AmazonECRPublic AWSAppRunner AWSROSA'),
  ...of('Compute', 'Serverless Compute', 'AWSLambda AmazonStates'),
  ...of('Compute', 'End User Computing', 'AmazonWorkSpaces AmazonAppStream AmazonWorkSpacesWeb'),
  ...of('Compute', 'Other (Compute)', 'AWSBatch AWSOutposts AWSParallelComputingService'),
  ...of('Compute', 'Quantum Compute', 'AmazonBraket'),
  ...of('Storage', 'Object Storage', 'AmazonS3 AmazonGlacier AmazonS3GlacierDeepArchive'),
  ...of('Storage', 'File Storage', 'AmazonEFS AmazonFSx'),
  ...of('Storage', 'Backup Storage', 'AWSBackup'),
  ...of('Storage', 'Storage Platforms', 'AWSStorageGateway'),
  ...of('Databases', 'Relational Databases', 'AmazonRDS AmazonAuroraDSQL'),
  ...of(
    'Databases',
    'NoSQL Databases',
    'AmazonDynamoDB AmazonDocDB AmazonNeptune AmazonMCS AmazonSimpleDB AmazonKeyspaces',
  ),
  ...of('Databases', 'Caching', 'AmazonElastiCache AmazonMemoryDB AmazonDAX'),
  ...of('Databases', 'Data Warehouses', 'AmazonRedshift'),
  ...of('Databases', 'Time Series Databases', 'AmazonTimestream'),
  ...of('Databases', 'Ledger Databases', 'AmazonQLDB'),
  ...of('Databases', 'Other (Databases)', 'DatabaseSavingsPlans'),
  ...of('Networking', 'Content Delivery', 'AmazonCloudFront'),
  ...of(
    'Networking',
    'Network Connectivity',
    'AWSDirectConnect AWSTransitGateway AWSGlobalAccelerator AWSCloudWAN',
  ),
  ...of('Networking', 'Network Infrastructure', 'AmazonVPC'),
  ...of('Networking', 'Network Routing', 'AmazonRoute53'),
  ...of('Networking', 'Application Networking', 'AWSELB AmazonApiGateway AWSAppMesh AmazonVPCLattice'),
  ...of('Networking', 'Network Security', 'AWSNetworkFirewall'),
  ...of('Networking', 'Other (Networking)', 'AWSDataTransfer'),
  ...of('AI and Machine Learning', 'Generative AI', 'AmazonBedrock AmazonBedrockService AmazonQ'),
  ...of('AI and Machine Learning', 'Machine Learning', 'AmazonSageMaker MachineLearningSavingsPlans'),
  ...of(
    'AI and Machine Learning',
    'Natural Language Processing',
    'comprehend translate AmazonPolly transcribe AmazonTextract',
  ),
  ...of('AI and Machine Learning', 'Bots', 'AmazonLex'),
  ...of('AI and Machine Learning', 'AI Platforms', 'AmazonRekognition AmazonKendra AmazonPersonalize'),
  ...of('Analytics', 'Data Processing', 'ElasticMapReduce AWSGlue AmazonAthena AWSLakeFormation AmazonMWAA'),
  ...of('Analytics', 'Search', 'AmazonES AmazonCloudSearch'),
  ...of(
    'Analytics',
    'Streaming Analytics',
    'AmazonKinesis AmazonKinesisFirehose AmazonKinesisAnalytics AmazonMSK',
  ),
  ...of('Analytics', 'Business Intelligence', 'AmazonQuickSight'),
  ...of('Integration', 'Messaging', 'AWSQueueService AmazonSNS AWSEvents AmazonMQ'),
  ...of('Integration', 'Workflow Orchestration', 'AmazonSWF'),
  ...of('Integration', 'API Management', 'AWSAppSync'),
  ...of(
    'Management and Governance',
    'Observability',
    'AmazonCloudWatch AWSXRay AmazonGrafana AmazonPrometheus',
  ),
  ...of('Management and Governance', 'Compliance', 'AWSCloudTrail AWSConfig AWSAuditManager'),
  ...of('Management and Governance', 'Cost Management', 'AWSCostExplorer AWSBudgets'),
  ...of('Management and Governance', 'Endpoint Management', 'AWSSystemsManager'),
  ...of(
    'Management and Governance',
    'Support',
    'AWSSupportBusiness AWSSupportEnterprise AWSSupportDeveloper OCBPremiumSupport',
  ),
  ...of(
    'Management and Governance',
    'Other (Management and Governance)',
    'AWSServiceCatalog AWSCloudFormation',
  ),
  ...of('Identity', 'Identity and Access Management', 'AmazonCognito AWSDirectoryService'),
  ...of('Identity', 'Other (Identity)', 'awskms'),
  ...of('Security', 'Secret Management', 'AWSSecretsManager AWSCertificateManager CloudHSM'),
  ...of('Security', 'Threat Detection and Response', 'AmazonGuardDuty AmazonDetective AWSShield awswaf'),
  ...of(
    'Security',
    'Security Posture Management',
    'AmazonInspector AmazonInspectorV2 AWSSecurityHub AmazonMacie',
  ),
  ...of(
    'Developer Tools',
    'Continuous Integration and Deployment',
    'CodeBuild AWSCodePipeline AWSCodeDeploy',
  ),
  ...of('Developer Tools', 'Source Code Management', 'AWSCodeCommit AWSCodeArtifact'),
  ...of('Web', 'Application Platforms', 'AWSAmplify'),
  ...of('Business Applications', 'Productivity and Collaboration', 'AmazonWorkMail AmazonConnect AmazonSES'),
  ...of('Internet of Things', 'IoT Platforms', 'AWSIoT AWSGreengrass'),
  ...of('Migration', 'Data Migration', 'AWSDataSync AWSDatabaseMigrationSvc AWSTransfer'),
  ...of('Media', 'Media Streaming', 'AWSElementalMediaConvert AWSElementalMediaLive AmazonIVS'),
};

function of(category: string, subcategory: string, codes: string): Record<string, [string, string]> {
  return Object.fromEntries(codes.split(' ').map((code) => [code.toLowerCase(), [category, subcategory]]));
}

/**
 * SQL of ServiceCategory (0) or ServiceSubcategory (1) from `code`, `name` and `usageType`, SQL texts. Volumes and
 * their snapshots are billed under EC2 and are storage, as in AWS's own FOCUS export; models that are sold through
 * the marketplace for Bedrock say so in their name.
 */
export function serviceSql(which: 0 | 1, code: string, name: string, usageType: string): string {
  const other = which === 0 ? 'Other' : 'Other (Other)';
  const cases = Object.entries(CATEGORIES).map(
    ([key, pair]) => `WHEN ${literal(key)} THEN ${literal(pair[which])}`,
  );
  return `CASE
    WHEN lower(${code}) = 'amazonec2' AND contains(${usageType}, 'EBS:')
      THEN ${literal(which === 0 ? 'Storage' : 'Block Storage')}
    WHEN contains(lower(${name}), '(amazon bedrock edition)')
      THEN ${literal(which === 0 ? 'AI and Machine Learning' : 'Generative AI')}
    ELSE CASE lower(${code}) ${cases.join(' ')} ELSE ${literal(other)} END END`;
}
