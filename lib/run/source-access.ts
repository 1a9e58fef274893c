import { stringify } from 'yaml';
import type { Permission } from '../platform/permissions.ts';

/** What a bill in somebody else's AWS account is read with. */
export interface SourceAccess {
  readonly sourceId: string;
  readonly permissions: readonly Permission[];
  /** Role that the config names; null: none, Bursar's own account reads. */
  readonly roleArn: string | null;
  /** Account that owns the bucket, where the config says so. */
  readonly owner: string | null;
  /** Account in which Bursar runs; null: the config does not say. */
  readonly bursarAccount: string | null;
  readonly externalId: string | null;
  readonly organisationId: string | null;
  /** Bucket and folder, for a data export. */
  readonly place: { readonly bucket: string; readonly prefix: string } | null;
  /** What Athena does on the export in the name of Bursar's own roles; empty: it is not asked in place. */
  readonly inPlace: readonly Permission[];
}

type Json = string | readonly Json[] | { readonly [key: string]: Json };
interface Statement {
  readonly [key: string]: Json;
}

/** Where a template cannot know the account that Bursar runs in. */
const UNKNOWN_ACCOUNT = 'BURSAR-ACCOUNT-ID';
const ROLE_NAME = 'BursarBills';

/** The rights of the reader, one statement an action; listing goes no further than the folder. */
export function readerStatements({ permissions, place }: SourceAccess): Statement[] {
  return permissions.map(({ action, resources, why }) => ({
    Sid: sid(why),
    Effect: 'Allow',
    Action: action,
    Resource: resources === undefined ? '*' : only(resources),
    ...(action === 's3:ListBucket' && place !== null && folder(place.prefix) !== ''
      ? { Condition: { StringLike: { 's3:prefix': [`${folder(place.prefix)}/*`] } } }
      : {}),
  }));
}

/** Who reads: the role, else the account that Bursar runs in, whose own roles its IAM narrows. */
function reader({ roleArn, bursarAccount }: SourceAccess, partition: string): string {
  return roleArn ?? `arn:${partition}:iam::${bursarAccount ?? UNKNOWN_ACCOUNT}:root`;
}

/** Statements to add to the bucket's policy, where the reader is of another account than the bucket. */
export function bucketStatements(access: SourceAccess): Statement[] {
  return readerStatements(access)
    .filter(({ Action }) => typeof Action === 'string' && Action.startsWith('s3:'))
    .map(({ Effect = '', Action = '', Resource = '', Sid = '', ...rest }) => ({
      Sid,
      Effect,
      Principal: { AWS: reader(access, partitionOf(access)) },
      Action,
      Resource,
      ...rest,
    }));
}

/**
 * Statements to add to the bucket's policy so that Athena reads the export in place. It reads in the name of the role
 * that asks, which is one of Bursar's own account and not the reading role (Athena User Guide, "Access to Amazon S3
 * from Athena").
 */
export function inPlaceStatements(access: SourceAccess): Statement[] {
  return bucketStatements({ ...access, roleArn: null, permissions: access.inPlace });
}

/** The statement to add to the key's policy so that Athena decrypts the export; null where no key is named. */
export function inPlaceKeyStatement(access: SourceAccess): Statement | null {
  const statement = keyStatement({ ...access, roleArn: null, permissions: access.inPlace });
  // Statements of one policy have names of their own.
  return statement === null ? null : { ...statement, Sid: 'AthenaReadsTheDataExport' };
}

/** The statement to add to the key's policy; null where no key is named. */
export function keyStatement(access: SourceAccess): Statement | null {
  if (!access.permissions.some(({ action }) => action === 'kms:Decrypt')) return null;
  return {
    Sid: 'BursarReadsTheDataExport',
    Effect: 'Allow',
    Principal: { AWS: reader(access, partitionOf(access)) },
    Action: 'kms:Decrypt',
    // In a key's policy "*" is that key (AWS KMS Developer Guide, "Key policies in AWS KMS").
    Resource: '*',
  };
}

/** A CloudFormation template of the role that reads, for the account that owns the bill. */
export function readerTemplate(access: SourceAccess): string {
  const [, , , , , named = `role/${ROLE_NAME}`] = access.roleArn?.split(':') ?? [];
  const segments = named.replace(/^role\//, '').split('/');
  const name = segments.pop() ?? ROLE_NAME;
  const condition = {
    ...(access.externalId === null ? {} : { 'sts:ExternalId': { Ref: 'ExternalId' } }),
    ...(access.organisationId === null ? {} : { 'aws:PrincipalOrgID': access.organisationId }),
  };
  const template = {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: `Lets Bursar read the bill ${access.sourceId}, and nothing else.`,
    Parameters: {
      BursarAccount: {
        Type: 'String',
        Description: 'Account in which Bursar runs.',
        AllowedPattern: '^\\d{12}$',
        ...(access.bursarAccount === null ? {} : { Default: access.bursarAccount }),
      },
      ...(access.externalId === null
        ? {}
        : {
            ExternalId: {
              Type: 'String',
              Description: 'External id that the config of Bursar names.',
              Default: access.externalId,
              MinLength: 2,
              MaxLength: 1224,
            },
          }),
    },
    Resources: {
      Reader: {
        Type: 'AWS::IAM::Role',
        Properties: {
          RoleName: name,
          ...(segments.length === 0 ? {} : { Path: `/${segments.join('/')}/` }),
          Description: `Bursar reads the bill ${access.sourceId} with it.`,
          // The shortest that a role can have; Bursar's sessions last 900 seconds.
          MaxSessionDuration: 3600,
          AssumeRolePolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                // biome-ignore format: one value
                Principal: { AWS: { 'Fn::Sub': 'arn:${AWS::Partition}:iam::${BursarAccount}:root' } },
                Action: 'sts:AssumeRole',
                ...(Object.keys(condition).length === 0 ? {} : { Condition: { StringEquals: condition } }),
              },
            ],
          },
          Policies: [
            {
              PolicyName: 'ReadTheBill',
              PolicyDocument: { Version: '2012-10-17', Statement: readerStatements(access) },
            },
          ],
        },
      },
    },
    Outputs: {
      RoleArn: {
        Description: `roleArn of the source ${access.sourceId} in the config of Bursar.`,
        Value: { 'Fn::GetAtt': ['Reader', 'Arn'] },
      },
    },
  };
  return stringify(template, {
    lineWidth: 0,
    // A date like 2012-10-17 must stay a text.
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
  });
}

/** What the owner of the bill has to do, in words and as the policies to add. */
export function accessText(access: SourceAccess): string {
  const { sourceId, roleArn, owner, place } = access;
  const readerAccount = (roleArn ?? reader(access, partitionOf(access))).split(':')[4] ?? '';
  const where = place === null ? 'the bill' : `s3://${place.bucket}/${folder(place.prefix)}`;
  const key = keyStatement(access);
  const across = place !== null && owner !== readerAccount;
  const steps = [
    roleArn === null
      ? {
          title: 'Let it be read by a role of the account that owns it (recommended)',
          text: [
            'Deploy the template in that account, and write the role that it puts out as roleArn into the config:',
            ...deploy(sourceId),
          ],
        }
      : {
          title: `Make the role ${roleArn}`,
          text: [
            `Deploy the template in account ${readerAccount}, or give the role these policies by hand:`,
            ...deploy(sourceId),
          ],
        },
    { title: 'Its rights', text: [json({ Version: '2012-10-17', Statement: readerStatements(access) })] },
    {
      title: 'Whom it trusts',
      text: [
        json({
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { AWS: reader({ ...access, roleArn: null }, partitionOf(access)) },
              Action: 'sts:AssumeRole',
              ...trustCondition(access),
            },
          ],
        }),
      ],
    },
    ...(across
      ? [
          {
            title:
              roleArn === null
                ? 'Or, without a role: add to the policy of the bucket'
                : `Add to the policy of the bucket${owner === null ? ', where its owner is another account than the role' : ''}`,
            text: [
              'Add these statements and keep those that are there: AWS delivers the export by them.',
              json(bucketStatements(access)),
            ],
          },
        ]
      : []),
    ...(key === null
      ? []
      : [
          {
            title: 'Add to the policy of the key',
            text: [
              ...(keyAccount(access) !== readerAccount
                ? []
                : ['Not needed where the key leaves it to IAM, as the keys do that the console makes.']),
              json(key),
            ],
          },
        ]),
  ];
  steps.push(...inPlaceSteps(access));
  const head = [
    `${sourceId} is read from ${where} by ${reader(access, partitionOf(access))}.`,
    ...(access.bursarAccount === null
      ? [
          `Put the account in which Bursar runs for ${UNKNOWN_ACCOUNT}, or write it into the config as deploy.account.`,
        ]
      : []),
  ];
  const numbered = steps.map(({ title, text }, at) => [`${at + 1}. ${title}`, ...text].join('\n'));
  return `${[head.join('\n'), ...numbered].join('\n\n')}\n`;
}

/** What Athena takes besides, where the export is of another account than the one that asks. */
function inPlaceSteps(access: SourceAccess): { title: string; text: string[] }[] {
  const { inPlace, owner, bursarAccount } = access;
  if (inPlace.length === 0 || (owner !== null && owner === bursarAccount)) return [];
  // Without a role the key's policy names the same account already.
  const key = access.roleArn === null ? null : inPlaceKeyStatement(access);
  return [
    {
      title: 'For Athena: add to the policy of the bucket',
      text: [
        'Athena reads the export in the name of the role that asks, which is of the account that Bursar runs in.',
        'Add these statements and keep those that are there: AWS delivers the export by them.',
        json(inPlaceStatements(access)),
      ],
    },
    ...(key === null ? [] : [{ title: 'For Athena: add to the policy of the key', text: [json(key)] }]),
  ];
}

function deploy(sourceId: string): string[] {
  return [
    `  bursar source-access ${sourceId} --format cloudformation --out reader.yaml`,
    '  aws cloudformation deploy --template-file reader.yaml --stack-name bursar-bills --capabilities CAPABILITY_NAMED_IAM',
  ];
}

function trustCondition({ externalId, organisationId }: SourceAccess): Statement {
  const equals = {
    ...(externalId === null ? {} : { 'sts:ExternalId': externalId }),
    ...(organisationId === null ? {} : { 'aws:PrincipalOrgID': organisationId }),
  };
  return Object.keys(equals).length === 0 ? {} : { Condition: { StringEquals: equals } };
}

function partitionOf({ roleArn, permissions }: SourceAccess): string {
  const arn = roleArn ?? permissions.flatMap(({ resources }) => resources ?? [])[0] ?? 'arn:aws';
  return arn.split(':')[1] ?? 'aws';
}

/** Account of the key that the rights name. */
function keyAccount({ permissions }: SourceAccess): string {
  const key = permissions.find(({ action }) => action === 'kms:Decrypt')?.resources?.[0];
  return key?.split(':')[4] ?? '';
}

function folder(prefix: string): string {
  return prefix.replace(/\/+$/, '');
}

function only(values: readonly string[]): Json {
  return values.length === 1 ? (values[0] ?? '*') : values;
}

/** IAM's statement ids are letters and digits. */
function sid(why: string): string {
  return why
    .replaceAll(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase())
    .slice(0, 60);
}

function json(value: Json | object): string {
  return JSON.stringify(value, null, 2);
}
