import type { Permission } from '../permissions.ts';

/**
 * BigQuery's own roles that hold these: BigQuery Job User on the project that runs the queries and BigQuery Data
 * Viewer on the dataset of the export ("BigQuery IAM roles and permissions").
 */
export const bigQueryPermissions: readonly Permission[] = [
  {
    cloud: 'gcp',
    action: 'bigquery.jobs.create',
    why: 'runs the queries over the billing export, in the project that pays for them',
  },
  { cloud: 'gcp', action: 'bigquery.tables.get', why: "reads the billing export's columns and location" },
  { cloud: 'gcp', action: 'bigquery.tables.getData', why: 'reads the rows of the billing export' },
];
