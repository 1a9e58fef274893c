import type { Person } from '../../ledger/life.ts';
import type { FindingRecord } from '../../ledger/model.ts';
import type { Click } from '../../notices/click.ts';
import { explained, help, listed } from '../../notices/messages/lists.ts';
import type { SlackMessage } from '../../notices/model.ts';
import { inOrder, mineOf } from './mine.ts';
import { type Ended, json, type RespondParts } from './model.ts';
import { said } from './say.ts';
import { readSwitch, setSwitch } from './switch.ts';

type Typed = Extract<Click, { kind: 'command' }>;

/** `/bursar mine | find TEXT | explain ID | pause | resume`, answered to whoever typed it alone. */
export async function command(parts: RespondParts, { person, text }: Typed, now: Date): Promise<Ended> {
  const [verb = '', ...rest] = text.trim().split(/\s+/);
  const asked = rest.join(' ');
  const who = await parts.answerer.lookup(person.user);
  if (!who.ok) return only(said(`Bursar does not answer you: ${who.reason}.`), 'refused');
  const zone = who.known.timezone;
  switch (verb.toLowerCase()) {
    case 'mine': {
      const mine = inOrder(await mineOf(parts.ledger, person)).map(({ line }) => line);
      return only(listed('Your resources', mine, zone, 'Nothing of yours looks like waste.'), 'told');
    }
    case 'find':
      return await find(parts, asked, zone);
    case 'explain':
      return await explain(parts, asked, zone);
    case 'pause':
    case 'resume':
      return await turn(parts, verb.toLowerCase() === 'pause', person, now);
    default:
      return only(help(await readSwitch(parts.ledger)), 'told');
  }
}

/** Ephemeral: nobody else in the channel sees it. */
function only(message: SlackMessage, outcome: string): Ended {
  return {
    answer: json({ response_type: 'ephemeral', text: message.text, blocks: message.blocks }),
    outcome,
  };
}

const MOST_FOUND = 10;
/** Slack waits 3 s for an answer. */
const PATIENCE = 1_800;

async function find(parts: RespondParts, wanted: string, zone: string): Promise<Ended> {
  if (wanted.length < 2) return only(said('Say what to look for: /bursar find trainer'), 'told');
  const deadline = parts.clock().getTime() + PATIENCE;
  const found: FindingRecord[] = [];
  let whole = true;
  for await (const record of parts.ledger.all()) {
    if (matches(record, wanted.toLowerCase())) found.push(record);
    if (found.length >= MOST_FOUND || parts.clock().getTime() > deadline) {
      whole = false;
      break;
    }
  }
  const lines = found.map(({ finding, life }) => ({ finding, life, last: null }));
  const none = whole
    ? 'Nothing in the ledger matches.'
    : 'Nothing found in time: try the id of the finding with /bursar explain.';
  return only(listed(whole ? 'Found' : 'Found so far', lines, zone, none), 'told');
}

function matches({ finding }: FindingRecord, wanted: string): boolean {
  return [finding.id, finding.resourceId, finding.resourceName ?? '', finding.owner?.id ?? ''].some((text) =>
    text.toLowerCase().includes(wanted),
  );
}

async function explain(parts: RespondParts, id: string, zone: string): Promise<Ended> {
  const record = /^f-[a-z2-7]{26}$/.test(id) ? await parts.ledger.get(id) : null;
  if (record === null)
    return only(said('There is no such finding: /bursar mine and /bursar find show their ids.'), 'told');
  return only(explained(record, await parts.ledger.history(id), zone), 'told');
}

async function turn(parts: RespondParts, paused: boolean, person: Person, now: Date): Promise<Ended> {
  if (!parts.admins.includes(person.user))
    return only(said('Only an admin may do this (`slack.admins` in the config).'), 'refused');
  await setSwitch(parts.ledger, paused, person, now);
  const told = paused
    ? 'Paused: nothing is stopped until an admin says /bursar resume. Undo goes on, and so do warnings.'
    : 'Resumed: policies are followed again.';
  return only(said(told), 'stored');
}
