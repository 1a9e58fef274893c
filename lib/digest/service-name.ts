/**
 * What AWS itself calls a service for short, by the name that its bills write: the guides say both ("Amazon Elastic
 * Compute Cloud (Amazon EC2)": Amazon EC2 User Guide, "What is Amazon EC2?"; the others likewise in the first sentence
 * of their guides). Only what is the same service is here.
 */
const SHORT: Readonly<Record<string, string>> = {
  'Amazon Elastic Compute Cloud': 'Amazon EC2',
  'Amazon Elastic Compute Cloud - Compute': 'Amazon EC2',
  'Amazon Elastic Block Store': 'Amazon EBS',
  'Amazon Elastic File System': 'Amazon EFS',
  'Amazon Elastic Container Service': 'Amazon ECS',
  'Amazon EC2 Container Service': 'Amazon ECS',
  'Amazon Elastic Container Registry': 'Amazon ECR',
  'Amazon EC2 Container Registry (ECR)': 'Amazon ECR',
  'Amazon Elastic Kubernetes Service': 'Amazon EKS',
  'Amazon Elastic Container Service for Kubernetes': 'Amazon EKS',
  'Amazon Elastic MapReduce': 'Amazon EMR',
  'Amazon Relational Database Service': 'Amazon RDS',
  'Amazon Simple Storage Service': 'Amazon S3',
  'Amazon Simple Queue Service': 'Amazon SQS',
  'Amazon Simple Notification Service': 'Amazon SNS',
  'Amazon Simple Email Service': 'Amazon SES',
  'Amazon Virtual Private Cloud': 'Amazon VPC',
  'AWS Key Management Service': 'AWS KMS',
};

/** A service's shorter name where it has one of its own, else its name as the bill writes it. */
export function shortService(name: string): string {
  return Object.hasOwn(SHORT, name) ? (SHORT[name] ?? name) : name;
}
