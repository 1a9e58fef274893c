import { at as partOf, textAt } from '../../../lib/notices/payload.ts';
import type { Break, Rule } from './model.ts';
import type { Past } from './past.ts';

/** Rule 8, where it begins: what is stopped is written down with what it is said to save. */
export const saving: Rule = ({ fact }, past, no) => {
  if (fact.kind !== 'trail' || fact.audit.to !== 'STOPPED' || fact.audit.from === 'STOPPED') return;
  const { details, resourceId } = fact.audit;
  const cost = past.things.get(resourceId)?.cost ?? null;
  const told = textAt(details, 'after', 'stopped', 'estimated', 'amount');
  if (told === '' || Number(told) !== cost) no(8, `it was stopped to save ${told === '' ? 'nothing' : told}`);
};

/** Every stop is kept to be held against later bills, and none that was undone goes on saving. */
export function savingsKept(past: Past, docs: Docs, seq: number): Break[] {
  return [...past.findings.values()].flatMap(({ id, state, thing }): Break[] => {
    if (state !== 'STOPPED' && state !== 'RESTORED') return [];
    const stops = partOf(docs.get(`saving/${id}`)?.value, 'stops');
    const last: unknown = Array.isArray(stops) ? stops.at(-1) : undefined;
    const runs = partOf(last, 'until') === null;
    if (last === undefined)
      return [{ rule: 8, seq, text: `what the stop of ${thing} saves is kept nowhere` }];
    return (state === 'STOPPED') === runs
      ? []
      : [{ rule: 8, seq, text: `${thing} is ${state}, its saving ${runs ? 'goes on' : 'has ended'}` }];
  });
}

export type Docs = ReadonlyMap<string, { readonly value: unknown }>;
