/**
 * unattributed-ai: calls of models of which the bill cannot say whose they are.
 *
 * What it means: NONCOMPLIANT is, with its dollars of the window, (1) usage of OpenAI in the project that every
 * organisation has from the start, "Default project" (help.openai.com, "Managing projects in the API platform": it
 * cannot be deleted, and was never anyone's choice); (2) usage of Anthropic in no workspace, which is the default
 * one (Anthropic API reference, Usage and Cost API: `workspace_id` is null for it); (3) usage under an API key that
 * no dimension names, once dimensions name any key; (4) tokens of Amazon Bedrock that were called without an
 * application inference profile, which alone can carry tags (Amazon Bedrock User Guide, "Create an application
 * inference profile"): calls by model id, and by the profiles that AWS itself defines for several regions. One
 * finding an account, or a key.
 *
 * What it leaves out: credits, fees and subscriptions; what is not billed by token on Bedrock, like provisioned
 * throughput; accounts whose bill names no resources, since it cannot name profiles either; sums of zero.
 *
 * What it cannot see: calls of vendors whose bill is not read; who holds a key; a default workspace in a bill that
 * gives it an id.
 */
import { z } from 'zod';
import { decimal } from '../focus/decimal.ts';
import { type Amounts, addAmount, billedCost } from './cost.ts';
import type { AiCalls, Check, Facts, Judgement } from './model.ts';
import { fold } from './tags.ts';

export const settings = z.strictObject({
  ignore: z
    .array(z.string().min(1))
    .default([])
    .describe('accounts, projects and keys by id of which nobody need be told'),
});

/** What dimensions say of keys; no config key of this check. */
export const keySettings = { keys: z.array(z.string()).default([]) };
export type UnattributedAiSettings = z.output<typeof settings> & {
  /** Ids of API keys that some dimension names; empty: keys are not told apart. */
  readonly keys: readonly string[];
};

export const unattributedAi: Check<UnattributedAiSettings> = {
  id: 'unattributed-ai',
  title: 'AI calls that are nobody’s',
  needs: ['ai-spend'],
  datasets: [],
  verdicts: { NONCOMPLIANT: { actionable: false } },
  judge(facts, given) {
    const ignored = new Set(given.ignore);
    const keys = new Set(given.keys);
    const detailed = new Set(
      (facts.billDetail ?? [])
        .filter(({ resourceIds }) => resourceIds)
        .map(({ source, accountId }) => `${source}\n${accountId}`),
    );
    const groups = new Map<string, Group>();
    const sums = new Map<string, Map<string, Amounts>>();
    for (const row of facts.aiCalls ?? []) {
      if (ignored.has(row.accountId) || (row.apiKey !== null && ignored.has(row.apiKey))) continue;
      const tellsResources = detailed.has(`${row.source}\n${row.accountId}`);
      for (const kind of kindsOf(row, keys, tellsResources)) {
        const id = `${row.provider}\n${kind.id}`;
        let group = groups.get(id);
        if (group === undefined) groups.set(id, (group = { row, kind, sources: new Set() }));
        group.sources.add(row.source);
        addAmount(sums, id, row.currency, decimal(row.effective));
      }
    }
    return [...groups].flatMap(([id, group]) => {
      const found = sums.get(id);
      const isNothing = [...(found?.values() ?? [])].every(({ effective }) => effective.isZero());
      return isNothing ? [] : [judgement(facts, group, found)];
    });
  },
  wouldChange: () => [
    'The calls moved to a project, workspace or application inference profile that is somebody’s: no finding once they are out of the window.',
    'A rule of a dimension for the key, or the id named in `ignore`: no finding.',
  ],
};

interface Kind {
  /** What the finding is about, as its id. */
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly reason: string;
}

interface Group {
  readonly row: AiCalls;
  readonly kind: Kind;
  readonly sources: Set<string>;
}

function kindsOf(row: AiCalls, keys: ReadonlySet<string>, tellsResources: boolean): Kind[] {
  const { provider, accountId, subAccountId, subAccountName, apiKey, inferenceProfile } = row;
  const kinds: Kind[] = [];
  if (provider === 'openai' && fold(subAccountName ?? '') === 'defaultproject')
    kinds.push({
      id: `account/${accountId}/default-project`,
      type: 'project',
      name: 'Default project',
      reason: 'Calls of OpenAI run in the default project, which belongs to no team.',
    });
  if (provider === 'anthropic' && subAccountId === null)
    kinds.push({
      id: `account/${accountId}/default-workspace`,
      type: 'workspace',
      name: 'default workspace',
      reason: 'Calls of Anthropic run in the default workspace, which belongs to no team.',
    });
  if (apiKey !== null && keys.size > 0 && !keys.has(apiKey))
    kinds.push({
      id: `account/${accountId}/key/${apiKey}`,
      type: 'api-key',
      name: apiKey,
      reason: `No dimension says whose the API key ${apiKey} is.`,
    });
  const isOwn = inferenceProfile?.includes(':application-inference-profile/') === true;
  if (provider === 'aws' && row.tokens && tellsResources && !isOwn)
    kinds.push({
      id: `account/${accountId}/bedrock/outside-inference-profile`,
      type: 'service',
      name: 'Amazon Bedrock',
      reason:
        'Models of Amazon Bedrock are called without an application inference profile: no tag tells by whom.',
    });
  return kinds;
}

function judgement(
  facts: Facts,
  { row, kind, sources }: Group,
  sums: ReadonlyMap<string, Amounts> | undefined,
): Judgement {
  const cost = billedCost(sums, facts.billWindow, 'EffectiveCost of these calls');
  return {
    check: unattributedAi.id,
    provider: row.provider,
    accountId: row.accountId,
    region: 'global',
    resourceType: kind.type,
    resourceId: kind.id,
    resourceName: kind.name,
    owner: facts.ownerOf({ accountId: row.accountId, tags: null }),
    verdict: 'NONCOMPLIANT',
    confidence: 'high',
    costBasis: cost.costBasis,
    monthlyCost: cost.monthlyCost,
    monthlySaving: null,
    evidence: cost.evidence,
    blindSpots: cost.blindSpots,
    reason: kind.reason,
    scopes: [...sources].map((source) => `bill:${source}`).toSorted(),
  };
}
