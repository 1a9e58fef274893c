import type { ClassRule, Condition } from './model.ts';

/**
 * Instance families with GPUs or AI accelerators: all of the SDK's InstanceType that begin so (@aws-sdk/client-ec2
 * 3.1169, October 2026; a test compares). F and VT (FPGA, video) are not among them.
 */
export const AWS_ACCELERATED =
  '(p[2-9][a-z0-9-]*|g[2-9][a-z0-9-]*|gr6f?|trn[1-9][a-z]*|inf[1-9]|dl[12]q?)[.][a-z0-9-]+';

const SERVICE = {
  bedrock: 'bedrock',
  sagemaker: 'sage ?maker',
  ec2: '^(amazon elastic compute cloud( - compute)?|amazon ?ec2|ec2 - other)$',
} as const;

const BEDROCK_PRICING = 'Amazon Bedrock pricing, model customization and evaluation, November 2026';
const SAGEMAKER_PRICES = 'AWS Price List, offer AmazonSageMaker, usage types, September 2026';
const EC2_TYPES = 'Amazon EC2 API, InstanceType, October 2026';
const SERVICES = 'AWS product pages of each service, November 2026';

const rule = (id: string, source: string, when: Condition, verdict: ClassRule['class']): ClassRule => ({
  id: `aws-${id}`,
  source,
  when: { provider: 'aws', ...when },
  class: verdict,
});

/** AWS by service and usage type, the narrower before the wider. */
export const AWS_RULES: readonly ClassRule[] = [
  rule(
    'bedrock-training',
    BEDROCK_PRICING,
    {
      service: SERVICE.bedrock,
      meter: 'customization[-_]?(training|storage)|custommodel.*(training|storage)',
    },
    'training',
  ),
  rule(
    'bedrock-evaluation',
    BEDROCK_PRICING,
    { service: SERVICE.bedrock, meter: 'model-?evaluation|evaluation-' },
    'evaluation',
  ),
  rule(
    'bedrock-data-automation',
    BEDROCK_PRICING,
    { service: SERVICE.bedrock, meter: 'data-?automation' },
    'data pipeline',
  ),
  rule('bedrock', BEDROCK_PRICING, { service: SERVICE.bedrock }, 'model API'),
  rule(
    'sagemaker-feature-store',
    SAGEMAKER_PRICES,
    { service: SERVICE.sagemaker, meter: 'featurestore' },
    'feature store',
  ),
  rule(
    'sagemaker-notebook',
    SAGEMAKER_PRICES,
    { service: SERVICE.sagemaker, meter: '(notebk|studio|jupyterlab|codeeditor|notebook)[a-z_]*:' },
    'notebook',
  ),
  rule(
    'sagemaker-training',
    SAGEMAKER_PRICES,
    { service: SERVICE.sagemaker, meter: '(^|-)(train|spottrain)[a-z]*:' },
    'training',
  ),
  rule(
    'sagemaker-inference',
    SAGEMAKER_PRICES,
    {
      service: SERVICE.sagemaker,
      meter: '(^|-)(host|hosting|asyncinf|serverlessinf|tsform|shdw|inferencerecommender)[a-z]*:',
    },
    'inference',
  ),
  rule(
    'sagemaker-processing',
    SAGEMAKER_PRICES,
    { service: SERVICE.sagemaker, meter: '(^|-)(process|processing|datawrangler|groundtruth)[a-z]*:' },
    'data pipeline',
  ),
  rule(
    'sagemaker-cluster-accelerated',
    SAGEMAKER_PRICES,
    { service: SERVICE.sagemaker, meter: `(^|-)cluster[a-z]*:ml[.]${AWS_ACCELERATED}($|[^a-z0-9.-])` },
    'GPU compute',
  ),
  rule(
    's3-vectors',
    SERVICES,
    { meter: '(^|-)(s3[-_]?)?vectors?(-|:)', service: 's3|simple storage' },
    'vector store',
  ),
  rule(
    'ec2-accelerated',
    EC2_TYPES,
    { service: SERVICE.ec2, machine: `^${AWS_ACCELERATED}$` },
    'GPU compute',
  ),
  rule(
    'ec2-accelerated-usage',
    EC2_TYPES,
    { service: SERVICE.ec2, meter: `(^|[^a-z0-9.])${AWS_ACCELERATED}($|[^a-z0-9.-])` },
    'GPU compute',
  ),
  rule('elastic-inference', SERVICES, { service: 'elastic inference' }, 'inference'),
  rule(
    'ready-models',
    SERVICES,
    {
      service:
        '^(amazon )?(comprehend( medical)?|rekognition|textract|transcribe( medical)?|polly|translate|lex|personalize|forecast|fraud ?detector)$',
    },
    'model API',
  ),
  rule(
    'no-place-for-ai',
    SERVICES,
    {
      service:
        '^((amazon )?(route ?53|cloudfront|virtual private cloud|vpc|simple (queue|notification|email) service|api gateway|workspaces|cognito|chime|pinpoint|connect|guardduty|inspector|macie|detective|certificate manager|simple queue|cloudtrail)|(aws )?(key management service|secrets manager|waf|shield|config|cloudtrail|security hub|direct connect|transit gateway|global accelerator|systems manager|certificate manager|cost explorer|budgets|backup|cloudformation|data transfer|directory service|network firewall|firewall manager|iam identity center|support.*)|elastic load balancing|awsdatatransfer|amazoncloudfront|amazonroute53|awsqueueservice|amazonsns|amazonses|awskms|awssecretsmanager|awswaf|awscloudtrail|awsconfig|awssupport.*|awselb)$',
    },
    'not AI',
  ),
];
