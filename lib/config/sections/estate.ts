import { z } from 'zod';
import { exportFolder, store } from '../stores.ts';
import {
  accountId,
  elsewhere,
  entryId,
  externalId,
  organisationId,
  projectId,
  regionName,
  roleName,
  serviceAccount,
} from '../values.ts';

/** "Names are not distinguished by case" (IAM API Reference, CreateRole, RoleName). */
const sameName = (a: string, b: string | undefined) => a.toLowerCase() === b?.toLowerCase();

export const estate = z.strictObject({
  aws: z
    .strictObject({
      accounts: z
        .union([z.literal(['own', 'organisation']), z.array(accountId).min(1)], {
          error: 'own, organisation, or a list of account ids in quotes',
        })
        .default('own')
        .describe('own: that of the credentials; organisation: all of it; or a list.'),
      regions: z
        .union([z.literal('enabled'), z.array(regionName).min(1)], {
          error: 'enabled, or a list of region names',
        })
        .default('enabled')
        .describe('enabled: every region that the account has enabled; or a list.'),
      readRole: roleName.default('BursarRead').describe('Role to read with in other accounts.'),
      actRole: roleName.default('BursarAct').describe('Role to act with in other accounts.'),
      tagRole: roleName
        .optional()
        .describe('Role that puts tags right, and does nothing else; without it no tag is ever written.'),
      exports: exportFolder
        .optional()
        .describe(
          'Where the documents of a collection of OpenSearch Serverless are kept before it is deleted: s3://bucket/folder. Without it none is deleted.',
        ),
      organisationId: organisationId
        .optional()
        .describe('AWS organisation to which whoever enters the roles must belong.'),
      externalId: externalId.optional().describe('External id that the roles want.'),
      telemetryFrom: accountId
        .optional()
        .describe(
          'Account to whose CloudWatch the others are linked (cross-account observability): all metrics are read there, with its read role.',
        ),
      advice: z
        .boolean()
        .default(false)
        .describe(
          'Show what AWS Compute Optimizer and Cost Optimization Hub recommend beside the findings; the account opts in to each, and both are free.',
        ),
    })
    .superRefine(({ readRole, actRole, tagRole }, context) => {
      const refuse = (key: string, other: string) =>
        context.addIssue({
          code: 'custom',
          path: [key],
          message: `another role than ${other}: each has rights of its own, and an account holds a name once`,
        });
      if (sameName(readRole, actRole)) refuse('actRole', 'readRole');
      if (sameName(readRole, tagRole)) refuse('tagRole', 'readRole');
      if (sameName(actRole, tagRole)) refuse('tagRole', 'actRole');
    })
    .optional()
    .describe('Which AWS accounts and regions are looked at.'),
  gcp: z
    .strictObject({
      projects: z
        .union([z.enum(['linked', 'organisation']), z.array(projectId).min(1)], {
          error:
            'give linked (every project that a billing account pays for), organisation (every project) or a list of project ids',
        })
        .describe(
          'Project ids; or linked: every project that a billing account pays for; or organisation: every project, whoever pays for it; both as far as the identity sees them. Such projects are read; nothing is stopped in a project that is not named.',
        ),
      actAs: serviceAccount
        .optional()
        .describe('Service account that stops and starts; without it nothing is stopped in Google Cloud.'),
      advice: z
        .boolean()
        .default(false)
        .describe("Show what Google's Recommender recommends beside the findings; it is free."),
      endpoint: elsewhere,
    })
    .optional()
    .describe('Which Google Cloud projects are looked at.'),
  stores: z.record(entryId, store).default({}).describe('Vector stores, by a name of your own.'),
});
