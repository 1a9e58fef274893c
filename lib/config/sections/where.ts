import { z } from 'zod';
import { oneOrMore, tagKey } from '../values.ts';

/** Charges by dimensions, or by what bills are grouped by. */
export const chargesWhere = z
  .object({
    provider: oneOrMore.optional().describe('aws, gcp, azure, openai, anthropic.'),
    account: oneOrMore.optional().describe('Account or project id, in quotes.'),
    aiClass: oneOrMore.optional().describe('AI class of the charges.'),
    tags: z.record(tagKey, oneOrMore).optional().describe('Tags that a charge must carry.'),
  })
  .catchall(oneOrMore);
