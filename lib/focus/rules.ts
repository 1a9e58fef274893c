import { RULES_1_2 } from './data/rules-1.2.ts';
import type { Expression, FocusRule } from './rules-model.ts';

/** A rule whose form in the model does not say what its words say, and what is judged instead; null: nothing. */
interface Fault {
  readonly id: string;
  readonly why: string;
  readonly instead: Pick<FocusRule, 'check' | 'when'> | null;
}

const HAS_ID = ['filled', 'CommitmentDiscountId'] as const;

export const MODEL_FAULTS: readonly Fault[] = [
  {
    id: 'CommitmentDiscountStatus-C-003-C',
    why: 'its form asks for a status where there is no commitment; its words ask for none',
    instead: { check: ['null', 'CommitmentDiscountStatus'], when: ['null', 'CommitmentDiscountId'] },
  },
  {
    id: 'CommitmentDiscountStatus-C-004-C',
    why: 'its form speaks of rows without a commitment; its words speak of usage with one',
    instead: {
      check: ['filled', 'CommitmentDiscountStatus'],
      when: ['all', HAS_ID, ['is', 'ChargeCategory', 'Usage']],
    },
  },
  {
    id: 'CommitmentDiscountStatus-C-005-M',
    why: 'its form lists Active, Expired and Pending; the specification, model 1.4 and every biller have Used and Unused',
    instead: {
      check: [
        'any',
        ['is', 'CommitmentDiscountStatus', 'Used'],
        ['is', 'CommitmentDiscountStatus', 'Unused'],
      ],
    },
  },
  {
    id: 'ConsumedQuantity-C-006-C',
    why: 'its form speaks of corrections; its words speak of all other charges',
    instead: {
      check: ['filled', 'ConsumedQuantity'],
      when: [
        'all',
        ['not', 'ChargeClass', 'Correction'],
        ['is', 'ChargeCategory', 'Usage'],
        ['not', 'CommitmentDiscountStatus', 'Unused'],
      ],
    },
  },
  {
    id: 'EffectiveCost-C-005-C',
    why: 'its form speaks of every purchase; its words speak of those that cover later charges',
    instead: {
      check: ['is', 'EffectiveCost', '0'],
      when: ['all', ['is', 'ChargeCategory', 'Purchase'], HAS_ID],
    },
  },
  {
    id: 'PricingCurrencyEffectiveCost-C-004-M',
    why: 'its form judges PricingCurrencyListUnitPrice; its words ask for a decimal value',
    instead: { check: ['stored', 'PricingCurrencyEffectiveCost'] },
  },
  {
    id: 'InvoiceId-C-003-C',
    why: 'no row says whether an invoice exists',
    instead: null,
  },
  {
    id: 'InvoiceId-C-004-C',
    why: 'its form forbids every InvoiceId; no row says whether an invoice exists',
    instead: null,
  },
  {
    id: 'InvoiceId-C-005-C',
    why: 'its form asks for an InvoiceId on every row; no row says whether an invoice exists',
    instead: null,
  },
];

const FAULTS = new Map(MODEL_FAULTS.map((fault) => [fault.id, fault]));

/** The rules that are judged: the official ones, in the sense of their words. */
export const FOCUS_RULES: readonly FocusRule[] = RULES_1_2.flatMap((rule) => {
  const fault = FAULTS.get(rule.id);
  if (fault === undefined) return [rule];
  const { id, column, must } = rule;
  return fault.instead === null ? [] : [{ id, column, must, ...fault.instead }];
});

/** Columns that an expression names. */
export function columnsIn(expression: Expression): string[] {
  const [kind, ...rest] = expression;
  if (kind === 'all' || kind === 'any')
    return rest.flatMap((each) => (typeof each === 'string' ? [] : columnsIn(each)));
  const columns = kind === 'is' || kind === 'not' || kind === 'atLeast' ? rest.slice(0, 1) : rest;
  return columns.filter((each) => typeof each === 'string');
}
