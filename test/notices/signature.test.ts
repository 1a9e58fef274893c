import { createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { slackVerifier } from '../../lib/notices/signature.ts';

const SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
const NOW = new Date('2026-11-16T08:00:00Z');
const TS = String(NOW.getTime() / 1000);
const body = Buffer.from('payload=%7B%7D');

function sign(secret: string, timestamp: string, of: Uint8Array = body): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(of).digest('hex')}`;
}

const verify = slackVerifier([SECRET]);

function at(seconds: number): Date {
  return new Date(NOW.getTime() + seconds * 1000);
}

describe('a signature', () => {
  // The example of docs.slack.dev, "Verifying requests from Slack".
  test("of Slack's own documentation is right", () => {
    const example = Buffer.from(
      'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
    );
    const signature = 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503';
    const signed = { signature, timestamp: '1531420618', body: example };
    expect(verify(signed, new Date(1531420618_000))).toBeNull();
    expect(
      verify({ ...signed, body: Buffer.concat([example, Buffer.from('&')]) }, new Date(1531420618_000)),
    ).toBe('wrong-signature');
  });

  test('holds for 300 seconds in both directions, and no longer', () => {
    const signed = { signature: sign(SECRET, TS), timestamp: TS, body };
    expect([-301, -300, 0, 300, 301].map((seconds) => verify(signed, at(seconds)))).toEqual([
      'in-future',
      null,
      null,
      null,
      'too-old',
    ]);
  });

  test.each([
    [{ signature: undefined }, 'no-signature'],
    [{ signature: '' }, 'no-signature'],
    [{ signature: sign(SECRET, TS).replace('v0', 'v1') }, 'no-signature'],
    [{ signature: sign(SECRET, TS).toUpperCase() }, 'no-signature'],
    [{ signature: `${sign(SECRET, TS)}0` }, 'no-signature'],
    [{ signature: `v1,${sign(SECRET, TS)}` }, 'no-signature'],
    [{ timestamp: undefined }, 'no-timestamp'],
    [{ timestamp: '' }, 'no-timestamp'],
    [{ timestamp: `${TS}.5` }, 'no-timestamp'],
    [{ timestamp: `-${TS}` }, 'no-timestamp'],
    [{ timestamp: '1e9' }, 'no-timestamp'],
    [{ signature: sign('another', TS) }, 'wrong-signature'],
    [{ signature: sign(SECRET, String(Number(TS) - 1)) }, 'wrong-signature'],
  ])('that is not right is refused: %j', (changes, why) => {
    expect(verify({ signature: sign(SECRET, TS), timestamp: TS, body, ...changes }, NOW)).toBe(why);
  });

  test('of the former secret is taken while it is rotated, and of no other', () => {
    const rotating = slackVerifier(['new', SECRET]);
    for (const secret of ['new', SECRET])
      expect(rotating({ signature: sign(secret, TS), timestamp: TS, body }, NOW)).toBeNull();
    expect(rotating({ signature: sign('third', TS), timestamp: TS, body }, NOW)).toBe('wrong-signature');
  });

  test('is over the raw bytes, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(), (bytes, place) => {
        const signed = { signature: sign(SECRET, TS, bytes), timestamp: TS, body: bytes };
        expect(verify(signed, NOW)).toBeNull();
        const other = Uint8Array.from(bytes);
        other[place % bytes.length] = ((bytes[place % bytes.length] ?? 0) + 1) % 256;
        expect(verify({ ...signed, body: other }, NOW)).toBe('wrong-signature');
      }),
    );
  });
});

test.each([[[]], [['']], [['  ']], [[SECRET, '']]])('an empty secret refuses to start: %j', (secrets) => {
  expect(() => slackVerifier(secrets)).toThrow(
    expect.objectContaining({
      code: 'config',
      message: 'the signing secret of Slack is empty',
      where: 'slack.signingSecret',
      hint: expect.stringContaining('Basic Information'),
    }),
  );
});
