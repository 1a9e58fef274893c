/**
 * The sixty services of the made-up bill: name, FOCUS ServiceCategory and ServiceSubcategory (values of FOCUS 1.2),
 * resource type and pricing unit. Names as AWS and Google Cloud write them in their own bills.
 */
export interface Service {
  readonly provider: 'AWS' | 'Google Cloud';
  readonly name: string;
  readonly category: string;
  readonly subcategory: string;
  readonly type: string;
  readonly unit: string;
}

const AWS = `
Amazon Elastic Compute Cloud|Compute|Virtual Machines|instance|Hours
AWS Lambda|Compute|Serverless Compute|function|GB-Seconds
Amazon Elastic Container Service|Compute|Containers|task|Hours
Amazon Elastic Kubernetes Service|Compute|Containers|cluster|Hours
AWS Batch|Compute|Other (Compute)|job|Hours
Amazon Elastic Block Store|Storage|Block Storage|volume|GB-Months
Amazon Simple Storage Service|Storage|Object Storage|bucket|GB-Months
Amazon Elastic File System|Storage|File Storage|file-system|GB-Months
Amazon FSx|Storage|File Storage|file-system|GB-Months
AWS Backup|Storage|Backup Storage|recovery-point|GB-Months
Amazon Relational Database Service|Databases|Relational Databases|db|Hours
Amazon DynamoDB|Databases|NoSQL Databases|table|Requests
Amazon ElastiCache|Databases|Caching|cluster|Hours
Amazon Redshift|Databases|Data Warehouses|cluster|Hours
Amazon Neptune|Databases|Other (Databases)|cluster|Hours
Amazon DocumentDB|Databases|NoSQL Databases|cluster|Hours
Amazon OpenSearch Service|Analytics|Analytics Platforms|domain|Hours
Amazon Athena|Analytics|Analytics Platforms|workgroup|Terabytes
AWS Glue|Analytics|Data Processing|job|DPU-Hours
Amazon Kinesis|Analytics|Streaming Analytics|stream|Hours
Amazon Managed Streaming for Apache Kafka|Analytics|Streaming Analytics|cluster|Hours
Amazon EMR|Analytics|Data Processing|cluster|Hours
Amazon SageMaker|AI and Machine Learning|AI Platforms|endpoint|Hours
Amazon Bedrock|AI and Machine Learning|Generative AI|inference-profile|1K tokens
Amazon Rekognition|AI and Machine Learning|Other (AI and Machine Learning)|project|Images
Amazon Virtual Private Cloud|Networking|Network Infrastructure|natgateway|Hours
Elastic Load Balancing|Networking|Application Networking|loadbalancer|LCU-Hours
Amazon CloudFront|Networking|Content Delivery|distribution|GB
Amazon Route 53|Networking|Application Networking|hostedzone|Queries
AWS Direct Connect|Networking|Network Connectivity|dxcon|Hours
AWS Transit Gateway|Networking|Network Routing|transit-gateway|Hours
Amazon API Gateway|Integration|API Management|restapi|Requests
Amazon Simple Queue Service|Integration|Messaging|queue|Requests
Amazon Simple Notification Service|Integration|Messaging|topic|Requests
AWS Step Functions|Integration|Workflow Orchestration|stateMachine|Transitions
AmazonCloudWatch|Management and Governance|Observability|log-group|GB
AWS CloudTrail|Management and Governance|Compliance|trail|Events
AWS Key Management Service|Security|Secret Management|key|Requests
AWS Secrets Manager|Security|Secret Management|secret|Secrets
Amazon GuardDuty|Security|Threat Detection and Response|detector|Events`;

const GOOGLE = `
Compute Engine|Compute|Virtual Machines|instance|Hours
Kubernetes Engine|Compute|Containers|cluster|Hours
Cloud Run|Compute|Serverless Compute|service|vCPU-Seconds
Cloud Run Functions|Compute|Serverless Compute|function|Invocations
Cloud Storage|Storage|Object Storage|bucket|GiB-Months
Filestore|Storage|File Storage|instance|GiB-Hours
Backup and DR Service|Storage|Backup Storage|backup|GiB-Months
BigQuery|Analytics|Analytics Platforms|dataset|TiB
Dataflow|Analytics|Data Processing|job|Hours
Cloud Pub/Sub|Integration|Messaging|topic|TiB
Cloud SQL|Databases|Relational Databases|instance|Hours
Cloud Spanner|Databases|Relational Databases|instance|Hours
Cloud Bigtable|Databases|NoSQL Databases|instance|Hours
Cloud Memorystore for Redis|Databases|Caching|instance|GiB-Hours
Vertex AI|AI and Machine Learning|AI Platforms|endpoint|Hours
Cloud Vision API|AI and Machine Learning|Other (AI and Machine Learning)|processor|Images
Networking|Networking|Network Infrastructure|router|Hours
Cloud Logging|Management and Governance|Observability|bucket|GiB
Secret Manager|Security|Secret Management|secret|Versions
Artifact Registry|Developer Tools|Development Environments|repository|GiB-Months`;

function services(provider: Service['provider'], table: string): Service[] {
  return table
    .trim()
    .split('\n')
    .map((line) => {
      const [name = '', category = '', subcategory = '', type = '', unit = ''] = line.split('|');
      return { provider, name, category, subcategory, type, unit };
    });
}

export const SERVICES: readonly Service[] = [...services('AWS', AWS), ...services('Google Cloud', GOOGLE)];

/** Thirty tag keys and how many in a hundred resources carry each. */
export const TAG_KEYS: readonly (readonly [key: string, percent: number])[] = [
  ['owner', 82],
  ['team', 88],
  ['env', 91],
  ['cost-center', 60],
  ['app', 70],
  ['component', 45],
  ['version', 25],
  ['managed-by', 65],
  ['repository', 40],
  ['data-class', 30],
  ['backup', 25],
  ['schedule', 12],
  ['customer', 15],
  ['feature', 12],
  ['project', 35],
  ['business-unit', 30],
  ['compliance', 10],
  ['created-by', 40],
  ['expires', 5],
  ['cluster', 20],
  ['namespace', 18],
  ['model', 6],
  ['experiment', 6],
  ['stage', 10],
  ['tier', 12],
  ['region-group', 8],
  ['sla', 7],
  ['contact', 9],
  ['Owner', 2],
  ['Env ', 1],
];
