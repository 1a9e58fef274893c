import { defaultCheckSettings } from '../../../lib/checks/index.ts';
import { AI } from './ai.ts';
import { GOOGLE } from './google.ts';
import { GOOGLE_AI } from './google-ai.ts';
import { GPUS } from './gpus.ts';
import type { Case } from './model.ts';
import { ORDINARY } from './ordinary.ts';
import { THINGS } from './things.ts';
import { AWS_TRAPS } from './traps-aws.ts';
import { VECTORS } from './vectors.ts';
import { WHOSE, WHOSE_SETTINGS } from './whose.ts';

/** Every case of the written truth. */
export const CASES: readonly Case[] = [
  ...GPUS,
  ...AI,
  ...THINGS,
  ...ORDINARY,
  ...GOOGLE,
  ...GOOGLE_AI,
  ...VECTORS,
  ...WHOSE,
  ...AWS_TRAPS,
];

/** The settings under which the truth is written: the defaults, and a tag policy, which has none. */
export const SETTINGS = {
  ...defaultCheckSettings(),
  ...WHOSE_SETTINGS,
  'tag-policy': { ...defaultCheckSettings()['tag-policy'], allowed: { env: ['prod', 'staging', 'dev'] } },
};
