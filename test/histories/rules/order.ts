import type { Json } from '../../../lib/estate/model.ts';
import { at as partOf } from '../../../lib/notices/payload.ts';
import type { Rule } from './model.ts';

const IN_FLIGHT: ReadonlySet<string> = new Set(['STOPPING', 'STARTING']);

/** Rules 3 and 4: written before it is done, and one at a time. */
export const order: Rule = (entry, past, no) => {
  const { fact } = entry;
  if (fact.kind === 'call-begun') {
    const wanted = fact.op === 'apply' ? 'STOPPING' : 'STARTING';
    const finding = past.ofThing(fact.thing).find(({ state }) => state === wanted);
    const intent = finding?.life.get('intent') ?? null;
    const plan = partOf(intent, fact.op === 'apply' ? 'plan' : 'undoPlan');
    if (finding === undefined || intent === null || !equal(plan, fact.plan))
      no(3, `${fact.op} of ${fact.thing} was called, and the trail holds no such intent`);
    else if (fact.op === 'apply' && partOf(intent, 'undoPlan') === undefined)
      no(3, 'it was stopped before its undo plan was stored');
    if (
      fact.op === 'apply' &&
      intent !== null &&
      past.things.get(fact.thing)?.kind !== 'disk' &&
      partOf(intent, 'undoPlan') === null
    )
      no(3, 'it was stopped without a plan to bring it back');
    // Its click wrote another record than the stop did: what came before the stop counts, what came after is too late.
    const back = past
      .ofThing(fact.thing)
      .find(({ id, state }) => id !== finding?.id && state === 'UNDO_REQUESTED');
    if (fact.op === 'apply' && back !== undefined && back.movedSeq < (finding?.stoppingSeq ?? 0))
      no(4, `${fact.thing} was stopped while another finding was ${back.state}`);
    const busy = [...past.runs].filter(([, { calls }]) => calls.has(fact.thing)).map(([id]) => id);
    if (busy.length > 0) no(4, `${fact.thing} was acted on by ${busy.join(', ')} already`);
  }
  if (fact.kind === 'trail') {
    const { audit } = fact;
    const known = past.findings.get(audit.findingId)?.state ?? null;
    if (known !== audit.from)
      no(3, `the trail goes on from ${audit.from ?? 'nothing'}, it stood at ${known ?? 'nothing'}`);
    const other = past
      .ofThing(audit.resourceId)
      .find(({ id, state }) => id !== audit.findingId && IN_FLIGHT.has(state));
    if (audit.to === 'STOPPING' && audit.from !== 'STOPPING' && other !== undefined)
      no(4, `a stop of ${audit.resourceId} was begun while another finding was ${other.state}`);
  }
  if (fact.kind === 'said' && fact.user !== null && !fact.thread && fact.buttons.includes('keep'))
    for (const thing of fact.names)
      if (past.told.get(thing) === fact.user) no(4, `${fact.user} was told twice of ${thing}`);
};

function equal(a: unknown, b: Json): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
