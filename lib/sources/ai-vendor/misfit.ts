import type { Charge, Use } from './model.ts';

/** How much it counts that a charge leaves open what a use says, the least first. */
const KEY = 1;
const VARIANT = 2;
const CONTEXT = 4;
const ALIAS = 8;
const MODEL = 16;
const TIER = 32;
const SURFACE = 64;

/**
 * How badly a charge of the same day, project and measure fits a use: 0 is a perfect fit, null is none. A charge
 * that leaves something open (no key, no model) fits every use, but worse than one that says it.
 */
export function misfit(charge: Charge, use: Use): number | null {
  const parts = [
    left(charge.apiKey, use.apiKey, KEY),
    // A vendor that does not split its usage by variant or context may mean any.
    use.variant === null ? 0 : left(charge.variant, use.variant, VARIANT),
    use.context === null ? 0 : left(charge.context, use.context, CONTEXT),
    ofModel(charge.model, use.model),
    ofTier(charge.tier, use),
    charge.surface === null ? 0 : SURFACE,
  ];
  let sum = 0;
  for (const part of parts) {
    if (part === null) return null;
    sum += part;
  }
  return sum;
}

function left(told: string | null, used: string | null, weight: number): number | null {
  if (told === used) return 0;
  return told === null ? weight : null;
}

function ofTier(told: string | null, { tier, billedElsewhere }: Use): number | null {
  if (told === tier) return 0;
  return told === null && !billedElsewhere ? TIER : null;
}

/** The date or number at the end of a model's name: `-2024-08-06`, `-20250514`, `-1`. */
const SNAPSHOT = /^-(\d{4}-\d{2}-\d{2}|\d{8}|\d{1,4})$/;

function ofModel(told: string | null, used: string | null): number | null {
  if (told === null) return used === null ? 0 : MODEL;
  if (used === null) return null;
  const same = fineTuned(used);
  if (told === same) return 0;
  const [long, short] = told.length > same.length ? [told, same] : [same, told];
  return long.startsWith(short) && SNAPSHOT.test(long.slice(short.length)) ? ALIAS : null;
}

/** Usage names a fine-tuned model `ft:gpt-4o-2024-08-06:org::id`, costs `ft-gpt-4o-2024-08-06`. */
function fineTuned(model: string): string {
  const [ft, base] = model.split(':');
  return ft === 'ft' && base !== undefined ? `ft-${base}` : model;
}
