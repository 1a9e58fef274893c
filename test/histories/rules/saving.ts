import { textAt } from '../../../lib/notices/payload.ts';
import type { Rule } from './model.ts';

/** Rule 8, where it begins: what is stopped is written down with what it is said to save. */
export const saving: Rule = ({ fact }, past, no) => {
  if (fact.kind !== 'trail' || fact.audit.to !== 'STOPPED' || fact.audit.from === 'STOPPED') return;
  const { details, resourceId } = fact.audit;
  const cost = past.things.get(resourceId)?.cost ?? null;
  const told = textAt(details, 'after', 'stopped', 'estimated', 'amount');
  if (told === '' || Number(told) !== cost) no(8, `it was stopped to save ${told === '' ? 'nothing' : told}`);
};
