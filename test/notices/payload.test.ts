import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Understood, understand } from '../../lib/notices/click.ts';
import { readBody } from '../../lib/notices/payload.ts';

const FORM = 'application/x-www-form-urlencoded';
const APP = { team: 'T1', appId: 'A1' };
const form = (fields: Record<string, string>) => Buffer.from(new URLSearchParams(fields).toString());
const payload = (value: unknown) => form({ payload: JSON.stringify(value) });

describe('a body', () => {
  test.each([
    ['not UTF-8', Buffer.from([0x70, 0xff, 0xfe]), FORM, 'not-utf8'],
    ['not UTF-8 in JSON', Buffer.from([0x7b, 0xc3, 0x28, 0x7d]), 'application/json', 'not-utf8'],
    ['of another type', payload({}), 'multipart/form-data', 'not-a-form'],
    ['with two payloads', Buffer.from('payload=%7B%7D&payload=%7B%7D'), FORM, 'not-a-form'],
    ['that is no JSON', form({ payload: '{"type":' }), FORM, 'not-json'],
    ['nested 10,000 deep', form({ payload: '['.repeat(10_000) + ']'.repeat(10_000) }), FORM, 'too-deep'],
    [
      'nested in objects',
      Buffer.from('{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000)),
      'application/json',
      'too-deep',
    ],
  ])('%s is not read', (_what, body, type, why) => {
    expect(readBody(body, type)).toEqual({ ok: false, why });
  });

  test('may hold brackets in its texts', () => {
    const value = { text: `${'['.repeat(500)}"\\` };
    expect(readBody(payload(value), FORM)).toEqual({ ok: true, kind: 'payload', value });
  });

  test('is never a crash, and what is understood names a person of ours', () => {
    const texts = fc.oneof(fc.string(), fc.json(), fc.constantFrom('T1', 'A1', 'U1', 'block_actions'));
    const shape = fc.dictionary(
      fc.constantFrom(
        'type',
        'team',
        'user',
        'api_app_id',
        'actions',
        'view',
        'container',
        '__proto__',
        'enterprise',
      ),
      fc.oneof(texts, fc.object(), fc.record({ id: texts, team_id: texts })),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          shape.map(payload),
          fc.uint8Array(),
          texts.map((t) => form({ payload: t })),
        ),
        (body) => {
          const read = readBody(body, FORM);
          if (!read.ok) return;
          const understood = understand(read, APP);
          const click = understood.ok ? understood.click : { kind: 'refused' };
          expect('person' in click ? click.person.team : 'T1').toBe('T1');
        },
      ),
      { numRuns: 500 },
    );
  });
});

function event(changes: object): Understood {
  const opened = { type: 'app_home_opened', user: 'U1' };
  return understand(
    { ok: true, kind: 'event', value: { api_app_id: 'A1', team_id: 'T1', event: opened, ...changes } },
    APP,
  );
}

describe('whose click it is', () => {
  const token = `n-${'0'.repeat(26)}.0.01234567`;
  const click = {
    type: 'block_actions',
    api_app_id: 'A1',
    team: { id: 'T1' },
    user: { id: 'U1', team_id: 'T1' },
    container: { channel_id: 'D1', message_ts: '1.2' },
    trigger_id: 't',
    actions: [{ action_id: 'acknowledge', block_id: token }],
  };
  const of = (changes: object, app = APP): Understood => {
    const read = readBody(payload({ ...click, ...changes }), FORM);
    if (!read.ok) throw new Error(read.why);
    return understand(read, app);
  };

  test('is known from the signed user alone', () => {
    expect(of({ user: { id: 'U1', team_id: 'T1', name: 'admin' } })).toEqual({
      ok: true,
      click: {
        kind: 'button',
        person: { user: 'U1', team: 'T1' },
        action: 'acknowledge',
        token: { notice: `n-${'0'.repeat(26)}`, index: 0, stage: '01234567' },
        choice: null,
        trigger: 't',
        message: { channel: 'D1', ts: '1.2' },
      },
    });
  });

  test.each([
    ['another app', { api_app_id: 'A2' }, 'wrong-app'],
    ['no app', { api_app_id: undefined }, 'wrong-app'],
    ['another workspace', { team: { id: 'T2' } }, 'wrong-team'],
    ['no workspace', { team: null }, 'wrong-team'],
    ['a person of another organisation', { user: { id: 'U1', team_id: 'T2' } }, 'outsider'],
    ['nobody', { user: {} }, 'unknown'],
    ['an id that is none', { user: { id: '<!channel>', team_id: 'T1' } }, 'unknown'],
    ['an action that is not ours', { actions: [{ action_id: 'delete', block_id: token }] }, 'unknown'],
    ['a block that is not ours', { actions: [{ action_id: 'stop', block_id: 'i-0abc' }] }, 'unknown'],
    ['no action', { actions: [] }, 'unknown'],
  ])('%s is refused', (_what, changes, why) => {
    expect(of(changes)).toEqual({ ok: false, why });
  });

  test('an enterprise is known by its own id', () => {
    const app = { team: 'E1', appId: 'A1' };
    expect(of({ enterprise: { id: 'E1' } }, app)).toMatchObject({ ok: true });
    expect(of({ enterprise: { id: 'E2' } }, app)).toEqual({ ok: false, why: 'wrong-team' });
    expect(of({}, app)).toEqual({ ok: false, why: 'wrong-team' });
  });

  test('a command and an event are checked alike', () => {
    const command = { command: '/bursar', text: 'mine', team_id: 'T1', api_app_id: 'A1', user_id: 'U1' };
    const typed = (changes: object) => {
      const read = readBody(form({ ...command, ...changes }), FORM);
      if (!read.ok) throw new Error(read.why);
      return understand(read, APP);
    };
    expect(typed({})).toMatchObject({ ok: true, click: { kind: 'command', text: 'mine' } });
    expect(typed({ team_id: 'T2' })).toEqual({ ok: false, why: 'wrong-team' });
    expect(event({})).toMatchObject({ ok: true, click: { kind: 'home' } });
    expect(event({ is_ext_shared_channel: true })).toEqual({ ok: false, why: 'outsider' });
    expect(event({ api_app_id: 'A2' })).toEqual({ ok: false, why: 'wrong-app' });
  });
});
