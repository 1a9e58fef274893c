import type { DeployedNames } from '../assemble/permissions.ts';

/** What rights are told by where nothing is deployed yet: names in capitals, for what a deployment names itself. */
export const NAMES: DeployedNames = {
  bucket: 'BUCKET',
  lakePrefix: 'lake/',
  reportsPrefix: 'reports/',
  table: 'TABLE',
  queueArn: 'QUEUE',
  deadLettersArn: 'DEAD-LETTERS',
};
