import { AWS_RULES } from './class-rules-aws.ts';
import { AZURE_RULES } from './class-rules-azure.ts';
import { GCP_RULES } from './class-rules-gcp.ts';
import { VENDOR_RULES } from './class-rules-vendors.ts';
import type { ClassRule } from './model.ts';

/**
 * What no AI work hides in: the categories of FOCUS 1.2 whose services carry, guard or administer. Categories in
 * which AI work may hide (Compute, Storage, Databases, Analytics, Other ...) are not among them: a row of theirs that
 * no rule names is unknown. Source: FOCUS 1.2, ServiceCategory, content constraints (May 2025).
 */
const GENERAL_RULES: readonly ClassRule[] = [
  {
    id: 'carrying-services',
    source: 'FOCUS 1.2, ServiceCategory, May 2025',
    when: {
      category: '^(networking|identity|security|migration|mobile|web)$',
    },
    class: 'not AI',
  },
];

/** Class rules in the order in which they are tried. */
export const CLASS_RULES: readonly ClassRule[] = [
  ...VENDOR_RULES,
  ...AWS_RULES,
  ...GCP_RULES,
  ...AZURE_RULES,
  ...GENERAL_RULES,
];
