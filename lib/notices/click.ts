import type { Person } from '../ledger/life.ts';
import { type AlertActionId, type AlertToken, readAlertToken } from './messages/alert.ts';
import { type ActionId, readToken, type Token } from './messages/buttons.ts';
import { OPEN_REPORT, readReportToken } from './messages/report.ts';
import type { Place } from './model.ts';
import { at, type Read, textAt } from './payload.ts';

/** What a person did, from a request that Slack signed. Only `person` is trusted; all else is looked up. */
export type Click =
  | {
      readonly kind: 'button';
      readonly person: Person;
      readonly action: ActionId;
      readonly token: Token;
      /** What was chosen in a menu; null for a button. */
      readonly choice: string | null;
      readonly trigger: string;
      /** The message; null where it was pressed in the Home tab. */
      readonly message: Place | null;
    }
  | {
      readonly kind: 'alert';
      readonly person: Person;
      readonly action: AlertActionId;
      readonly token: AlertToken;
      readonly message: Place | null;
    }
  | {
      readonly kind: 'report';
      readonly person: Person;
      /** Id of the report that is asked for. */
      readonly report: string;
      readonly trigger: string;
      readonly message: Place | null;
    }
  | {
      readonly kind: 'modal';
      readonly person: Person;
      readonly form: 'exempt' | 'disown';
      readonly token: Token;
      /** By `block_id`. */
      readonly values: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'command'; readonly person: Person; readonly text: string }
  | { readonly kind: 'home'; readonly person: Person }
  | { readonly kind: 'challenge'; readonly challenge: string }
  /** Signed and from our workspace, but nothing that Bursar answers. */
  | { readonly kind: 'nothing' };

export type Understood =
  | { readonly ok: true; readonly click: Click }
  | { readonly ok: false; readonly why: 'wrong-app' | 'wrong-team' | 'outsider' | 'unknown' };

/** Which app and workspace (`T...`) or enterprise (`E...`) Bursar is. */
export interface App {
  readonly team: string;
  readonly appId: string;
}

const ACTIONS: ReadonlySet<string> = new Set<ActionId>([
  'keep',
  'acknowledge',
  'stop',
  'exempt',
  'disown',
  'claim',
  'undo',
  'approve',
  'refuse',
]);

function isAction(id: string): id is ActionId {
  return ACTIONS.has(id);
}

/** Whose click it is and what it asks for; refuses what comes from another app, workspace or organisation. */
export function understand(read: Extract<Read, { ok: true }>, app: App): Understood {
  const { value, kind } = read;
  if (kind === 'event' && textAt(value, 'type') === 'url_verification')
    return { ok: true, click: { kind: 'challenge', challenge: textAt(value, 'challenge').slice(0, 500) } };
  const flat = kind !== 'payload';
  if (textAt(value, 'api_app_id') !== app.appId) return { ok: false, why: 'wrong-app' };
  const team = flat ? textAt(value, 'team_id') : textAt(value, 'team', 'id');
  const enterprise = flat ? textAt(value, 'enterprise_id') : textAt(value, 'enterprise', 'id');
  if ((app.team.startsWith('E') ? enterprise : team) !== app.team) return { ok: false, why: 'wrong-team' };
  if (at(value, 'is_ext_shared_channel') === true) return { ok: false, why: 'outsider' };
  // In a shared channel the person may be of another organisation than the one that the app serves.
  const home = textAt(value, 'user', 'team_id');
  if (kind === 'payload' && app.team.startsWith('T') && home !== '' && home !== app.team)
    return { ok: false, why: 'outsider' };
  const user =
    kind === 'payload'
      ? textAt(value, 'user', 'id')
      : kind === 'command'
        ? textAt(value, 'user_id')
        : textAt(value, 'event', 'user');
  if (!/^[UW][A-Z0-9]{1,20}$/.test(user)) return { ok: false, why: 'unknown' };
  const click = clickOf(kind, value, { user, team: app.team });
  return click === null ? { ok: false, why: 'unknown' } : { ok: true, click };
}

function clickOf(kind: 'payload' | 'event' | 'command', value: unknown, person: Person): Click | null {
  if (kind === 'command') return { kind: 'command', person, text: textAt(value, 'text').slice(0, 1000) };
  if (kind === 'event') {
    const opened =
      textAt(value, 'event', 'type') === 'app_home_opened' && textAt(value, 'event', 'tab') !== 'messages';
    return opened ? { kind: 'home', person } : { kind: 'nothing' };
  }
  const type = textAt(value, 'type');
  if (type === 'block_actions') return buttonOf(value, person);
  return type === 'view_submission' ? modalOf(value, person) : { kind: 'nothing' };
}

function buttonOf(value: unknown, person: Person): Click | null {
  const action = textAt(value, 'actions', 0, 'action_id');
  const held = textAt(value, 'actions', 0, 'block_id');
  const channel = textAt(value, 'container', 'channel_id');
  const ts = textAt(value, 'container', 'message_ts');
  const message = channel === '' || ts === '' ? null : { channel, ts };
  const alert = readAlertToken(held);
  if (alert !== null)
    return action === 'on-it' || action === 'expected'
      ? { kind: 'alert', person, action, token: alert, message }
      : null;
  const trigger = textAt(value, 'trigger_id');
  const report = readReportToken(held);
  // The link of a report is on a button, too: Slack tells of its press, and the browser opens it.
  if (report !== null)
    return action === OPEN_REPORT
      ? { kind: 'report', person, report, trigger, message }
      : { kind: 'nothing' };
  const token = readToken(held);
  if (!isAction(action) || token === null) return null;
  const choice = textAt(value, 'actions', 0, 'selected_option', 'value');
  return {
    kind: 'button',
    person,
    action,
    token,
    choice: choice === '' ? null : choice,
    trigger,
    message,
  };
}

function modalOf(value: unknown, person: Person): Click | null {
  const form = textAt(value, 'view', 'callback_id');
  const token = readToken(textAt(value, 'view', 'private_metadata'));
  if ((form !== 'exempt' && form !== 'disown') || token === null) return null;
  const state = at(value, 'view', 'state', 'values');
  const blocks = typeof state === 'object' && state !== null ? Object.keys(state) : [];
  const values = blocks.map((block) => {
    const input = at(state, block, 'value');
    const given = [['value'], ['selected_date'], ['selected_user'], ['selected_option', 'value']]
      .map((path) => textAt(input, ...path))
      .find((text) => text !== '');
    return [block, (given ?? '').slice(0, 3000)] as const;
  });
  return { kind: 'modal', person, form, token, values: Object.fromEntries(values) };
}
