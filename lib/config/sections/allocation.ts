import { z } from 'zod';
import { AI_CLASSES } from '../../focus/ai/model.ts';
import { day, dimensionName, entryId, pattern, someText, tagKey, textColumn } from '../values.ts';

const valueById = z.record(someText, someText);

const dimensionRule = z.union(
  [
    z.strictObject({ tag: tagKey.describe('The value of this tag.') }),
    z.strictObject({
      accountTag: tagKey.describe('The value of this tag of the AWS account, as its organisation keeps it.'),
    }),
    z.strictObject({ account: valueById.describe('A value by account id.') }),
    z.strictObject({ project: valueById.describe('A value by project id, of a cloud or a vendor.') }),
    z.strictObject({ workspace: valueById.describe('A value by workspace id of a vendor.') }),
    z.strictObject({ key: valueById.describe('A value by id of an API key.') }),
    z.strictObject({
      profile: valueById.describe('A value by inference profile of Amazon Bedrock: its ARN or id.'),
    }),
    z.strictObject({
      column: textColumn.describe('The value of another text column of costs.'),
      values: valueById.optional().describe('A value by what that column holds; else as it stands.'),
    }),
  ],
  {
    error:
      'one of { tag: KEY }, { accountTag: KEY }, { account: { "ID": VALUE } }, { project: ... }, { workspace: ... }, { key: ... }, { profile: ... }, { column: NAME, values: ... }',
  },
);

const aiRule = z.strictObject({
  id: entryId.describe('A name of your own, for answers to "why this class".'),
  since: day.optional().describe('First day of charges that it speaks of.'),
  until: day.optional().describe('First day that it no longer speaks of.'),
  source: someText.default('config').describe('Where you know it from, with a date.'),
  when: z
    .strictObject({
      provider: z.enum(['aws', 'gcp', 'azure', 'openai', 'anthropic']).optional().describe('The biller.'),
      biller: pattern.optional().describe('Pattern of ProviderName or PublisherName.'),
      service: pattern.optional().describe('Pattern of ServiceName or the service code.'),
      category: pattern.optional().describe('Pattern of ServiceCategory.'),
      meter: pattern.optional().describe('Pattern of usage type, meter, SKU or charge description.'),
      resourceType: pattern.optional().describe('Pattern of ResourceType.'),
      resource: pattern.optional().describe('Pattern of ResourceId.'),
      charge: pattern.optional().describe('Pattern of ChargeCategory.'),
      machine: pattern.optional().describe('Pattern of the machine type in SkuPriceDetails.'),
      tags: z.record(tagKey, pattern).optional().describe('Patterns of tag values by key.'),
    })
    .refine((when) => Object.keys(when).length > 0, { error: 'at least one condition' })
    .describe('All must hold. Patterns are found anywhere in the text, whatever its case.'),
  class: z.enum(AI_CLASSES).describe('AI class of the charges.'),
});

export const ai = z.strictObject({
  rules: z.array(aiRule).default([]).describe('AI classes of charges; tried before the built-in rules.'),
});

export const dimensions = z.record(dimensionName, z.array(dimensionRule).min(1));
