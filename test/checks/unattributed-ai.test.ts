import { describe, expect, it } from 'vitest';
import type { AiCalls, BillDetail, Facts } from '../../lib/checks/model.ts';
import { unattributedAi } from '../../lib/checks/unattributed-ai.ts';
import { ACCOUNT, facts, NOW, WINDOW } from './facts.ts';

const PROFILE = `arn:aws:bedrock:us-east-1:${ACCOUNT}:application-inference-profile/a1`;

function calls(given: Partial<AiCalls>): AiCalls {
  return {
    source: 'vendor',
    provider: 'openai',
    accountId: 'proj_1',
    subAccountId: 'proj_1',
    subAccountName: 'Assistant',
    service: 'OpenAI API',
    apiKey: null,
    inferenceProfile: null,
    tokens: true,
    currency: 'USD',
    effective: '10',
    ...given,
  };
}
const bedrock = (given: Partial<AiCalls> = {}) =>
  calls({
    source: 'aws',
    provider: 'aws',
    accountId: ACCOUNT,
    subAccountId: ACCOUNT,
    subAccountName: 'research',
    service: 'Amazon Bedrock',
    ...given,
  });
const DETAIL: BillDetail = {
  source: 'aws',
  provider: 'aws',
  accountId: ACCOUNT,
  resourceIds: true,
  commitments: false,
};

function judge(
  rows: readonly AiCalls[],
  given: { ignore?: string[]; keys?: string[] } = {},
  more: Partial<Facts> = {},
) {
  return unattributedAi.judge(
    facts({ aiCalls: rows, billDetail: [DETAIL], ...more }),
    { ignore: [], keys: [], ...given },
    NOW,
  );
}
const told = (found: ReturnType<typeof judge>) =>
  found.map(({ resourceId, monthlyCost }) => [resourceId, monthlyCost?.amount ?? null]);

describe('unattributed-ai', () => {
  it('tells the default project and the default workspace with their dollars', () => {
    const found = judge([
      calls({ accountId: 'proj_d', subAccountName: 'Default project', effective: '2.5' }),
      calls({ accountId: 'proj_d', subAccountName: 'Default project', effective: '0.25', source: 'copy' }),
      calls({}),
      calls({
        provider: 'anthropic',
        accountId: 'org-1',
        subAccountId: null,
        subAccountName: null,
        effective: '4',
      }),
      calls({ provider: 'anthropic', accountId: 'wrkspc_1', subAccountId: 'wrkspc_1', subAccountName: null }),
    ]);
    expect(told(found)).toEqual([
      ['account/proj_d/default-project', '2.75'],
      ['account/org-1/default-workspace', '4'],
    ]);
    expect(found[0]).toMatchObject({
      check: 'unattributed-ai',
      provider: 'openai',
      verdict: 'NONCOMPLIANT',
      costBasis: 'billed',
      monthlySaving: null,
      scopes: ['bill:copy', 'bill:vendor'],
      evidence: [{ value: '2.75', unit: 'USD', window: `${WINDOW.start}/${WINDOW.end}` }],
    });
    expect(unattributedAi.verdicts).toEqual({ NONCOMPLIANT: { actionable: false } });
  });

  it('tells keys that no dimension names, once dimensions name keys', () => {
    const rows = [calls({ apiKey: 'key_a' }), calls({ apiKey: 'key_b', effective: '3' }), calls({})];
    expect(judge(rows)).toEqual([]);
    expect(told(judge(rows, { keys: ['key_a'] }))).toEqual([['account/proj_1/key/key_b', '3']]);
    expect(judge(rows, { keys: ['key_a'], ignore: ['key_b'] })).toEqual([]);
  });

  it('tells tokens of Bedrock outside an application profile, one finding an account', () => {
    const rows = [
      bedrock(),
      bedrock({ service: 'Claude (Amazon Bedrock Edition)', effective: '5' }),
      bedrock({ inferenceProfile: PROFILE, effective: '100' }),
      bedrock({
        inferenceProfile: `arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/us.m`,
        effective: '1',
      }),
      bedrock({ tokens: false, effective: '1000' }),
      bedrock({ accountId: '222233334444', effective: '7' }),
    ];
    expect(told(judge(rows))).toEqual([[`account/${ACCOUNT}/bedrock/outside-inference-profile`, '16']]);
  });

  it('says nothing of a bill that names no resources, and so no profiles', () => {
    for (const billDetail of [[], [{ ...DETAIL, resourceIds: false }], [{ ...DETAIL, source: 'other' }]])
      expect(judge([bedrock()], {}, { billDetail })).toEqual([]);
    expect(unattributedAi.judge(facts({}), { ignore: [], keys: ['k'] }, NOW)).toEqual([]);
  });

  it('says nothing of what sums to zero or is to be ignored, and never adds currencies', () => {
    expect(judge([bedrock({ effective: '1' }), bedrock({ effective: '-1' })])).toEqual([]);
    expect(judge([bedrock()], { ignore: [ACCOUNT] })).toEqual([]);
    const [found] = judge([bedrock(), bedrock({ currency: 'EUR', effective: '1' })]);
    expect(found?.monthlyCost).toBeNull();
    expect(found?.evidence.map(({ value, unit }) => `${value} ${unit}`)).toEqual(['1 EUR', '10 USD']);
  });
});
