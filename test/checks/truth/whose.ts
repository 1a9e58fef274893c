import type { AiCalls, AiService } from '../../../lib/checks/model.ts';
import { ACCOUNT, arn, type Case, cost, type Expected, freshId, machine, TAGGED } from './model.ts';

/** What the bill tells of AI work of an account of its own, so that cases do not mix. */
function calls(name: string, given: Partial<AiCalls>, found: string | null, tellsResources = true): Case {
  const accountId = given.accountId ?? `acct-${name.replaceAll(/[^a-z]+/g, '-')}`;
  const row: AiCalls = {
    source: 'main',
    provider: 'aws',
    accountId,
    subAccountId: accountId,
    subAccountName: null,
    service: 'Amazon Bedrock',
    apiKey: null,
    inferenceProfile: null,
    tokens: true,
    currency: 'USD',
    effective: '12.5',
    ...given,
  };
  const expect: Expected[] =
    found === null
      ? []
      : [
          {
            check: 'unattributed-ai',
            verdict: 'NONCOMPLIANT',
            resourceId: `account/${accountId}/${found}`,
            saving: null,
          },
        ];
  return {
    name: `calls: ${name}`,
    aiCalls: [row],
    billDetail: [
      { source: 'main', provider: 'aws', accountId, resourceIds: tellsResources, commitments: false },
    ],
    expect,
  };
}

const BEDROCK = 'bedrock/outside-inference-profile';
const PROFILE = 'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc';

/** AI work of the bill, first charged so many days before the look. */
function service(name: string, given: Partial<AiService>, expect: readonly Expected[]): Case {
  const old: AiService = {
    source: 'main',
    provider: 'aws',
    vendor: 'AWS',
    accountId: `acct-${name.replaceAll(/[^a-z]+/g, '-')}`,
    service: 'Amazon Bedrock',
    region: 'us-east-1',
    model: 'approved-model',
    currency: 'USD',
    effective: '9',
    charged: true,
    since: '2026-01-01T00:00:00.000Z',
  };
  return { name: `service: ${name}`, aiServices: [old, { ...old, ...given }], expect };
}

const unapproved = (resourceId: string, verdict: Expected['verdict']): Expected => ({
  check: 'unapproved-ai-service',
  verdict,
  resourceId,
  saving: null,
});

/** A machine whose tag says a team, in an account that the dimension `team` gives to another. */
function conflict(name: string, team: string, accountId: string, found: boolean): Case {
  const id = arn(freshId('i')).replace(ACCOUNT, accountId);
  return {
    name: `team: ${name}`,
    resources: [
      machine({ id, accountId, name, tags: { ...TAGGED, team }, accelerators: [], sku: 'm7i.large' }),
    ],
    costs: [cost({ resourceId: id, accountId, effective: '5' })],
    coverage: [
      {
        scope: `aws:${accountId}:us-east-1`,
        status: 'complete',
        reason: null,
        asOf: '2026-11-20T10:30:00.000Z',
      },
    ],
    expect: found ? [{ check: 'owner-conflict', verdict: 'NONCOMPLIANT', resourceId: id, saving: null }] : [],
  };
}

/** Settings that these cases are written under. */
export const WHOSE_SETTINGS = {
  'owner-conflict': {
    shared: ['444455556666'],
    teamTags: ['team'],
    teamByAccount: { '222233334444': 'research', '444455556666': 'platform' },
    members: {},
  },
  'unattributed-ai': { ignore: ['acct-known'], keys: ['key-of-research'] },
  'unapproved-ai-service': {
    approved: {
      vendors: ['AWS', 'OpenAI'],
      models: ['approved-*', 'fresh-model'],
      regions: ['us-*', 'eu-*'],
    },
    newWithin: '21d',
  },
};

export const WHOSE: readonly Case[] = [
  calls('of Bedrock by the id of a model', {}, BEDROCK),
  calls('of Bedrock through a profile of its own', { inferenceProfile: PROFILE }, null),
  calls(
    'of Bedrock through a profile of AWS, which carries no tags',
    { inferenceProfile: 'arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.model' },
    BEDROCK,
  ),
  calls('of Bedrock in a bill without resources: it cannot tell', {}, null, false),
  calls('that add up to nothing', { effective: '0' }, null),
  calls('of an account that is left out by name', { accountId: 'acct-known' }, null),
  calls(
    'in the default project of OpenAI',
    { provider: 'openai', service: 'OpenAI API', subAccountName: 'Default project' },
    'default-project',
  ),
  calls(
    'in a project of OpenAI',
    { provider: 'openai', service: 'OpenAI API', subAccountName: 'assistant' },
    null,
  ),
  calls(
    'in no workspace of Anthropic',
    { provider: 'anthropic', service: 'Claude API', subAccountId: null },
    'default-workspace',
  ),
  calls(
    'under a key that no dimension names',
    { provider: 'anthropic', service: 'Claude API', apiKey: 'key-of-nobody' },
    'key/key-of-nobody',
  ),
  calls(
    'under a key of a team',
    { provider: 'anthropic', service: 'Claude API', apiKey: 'key-of-research' },
    null,
  ),
  service('all approved and old', {}, []),
  service('a vendor that is on no list', { vendor: 'Other AI', provider: 'other' }, [
    unapproved('account/acct-a-vendor-that-is-on-no-list/vendor/Other AI', 'NONCOMPLIANT'),
  ]),
  service('a model that is on no list', { model: 'shadow-model' }, [
    unapproved('account/acct-a-model-that-is-on-no-list/vendor/AWS/model/shadow-model', 'NONCOMPLIANT'),
  ]),
  service('a region that is on no list', { region: 'ap-south-1' }, [
    unapproved('account/acct-a-region-that-is-on-no-list/vendor/AWS/region/ap-south-1', 'NONCOMPLIANT'),
  ]),
  service('approved, and new this week', { model: 'fresh-model', since: '2026-11-16T00:00:00.000Z' }, [
    unapproved('vendor/AWS/model/fresh-model', 'SUSPECTED'),
  ]),
  service('on no list, and nothing charged in the window', { model: 'shadow-model', charged: false }, []),
  conflict('the tag says another one than the account', 'search', '222233334444', true),
  conflict('the same word in another case', 'Research', '222233334444', false),
  conflict('an account in which several work', 'search', '444455556666', false),
];
