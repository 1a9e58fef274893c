/** Most bytes that a request may have; Slack's own are far below. */
export const MOST_BYTES = 1_000_000;
/** Slack's payloads nest about 15 deep. */
const MOST_DEPTH = 60;

/** Why a body is not read. */
export type Unreadable = 'not-utf8' | 'not-a-form' | 'not-json' | 'too-deep';

export type Read =
  | { readonly ok: true; readonly kind: 'payload' | 'event'; readonly value: unknown }
  | { readonly ok: true; readonly kind: 'command'; readonly value: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly why: Unreadable };

/**
 * Reads a verified body: a form with one `payload` (buttons and modals), a form of a slash command, or the JSON of
 * an event. Never throws, and never shows what it read: error messages of JSON.parse quote their input.
 */
export function readBody(body: Uint8Array, contentType: string): Read {
  const text = utf8(body);
  if (text === null) return { ok: false, why: 'not-utf8' };
  if (contentType.includes('json')) return parsed('event', text);
  if (!contentType.includes('application/x-www-form-urlencoded')) return { ok: false, why: 'not-a-form' };
  const form = new URLSearchParams(text);
  const payloads = form.getAll('payload');
  if (payloads.length > 1) return { ok: false, why: 'not-a-form' };
  const [payload] = payloads;
  if (payload !== undefined) return parsed('payload', payload);
  return { ok: true, kind: 'command', value: Object.fromEntries(form) };
}

function utf8(body: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

function parsed(kind: 'payload' | 'event', text: string): Read {
  if (depth(text) > MOST_DEPTH) return { ok: false, why: 'too-deep' };
  try {
    return { ok: true, kind, value: JSON.parse(text) };
  } catch (error) {
    if (error instanceof SyntaxError) return { ok: false, why: 'not-json' };
    throw error;
  }
}

/** Deepest nesting of brackets outside strings, by one pass without recursion. */
function depth(text: string): number {
  let deepest = 0;
  let now = 0;
  let quoted = false;
  for (let place = 0; place < text.length; place += 1) {
    const character = text[place];
    if (quoted) {
      if (character === '\\') place += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '{' || character === '[') deepest = Math.max(deepest, (now += 1));
    else if (character === '}' || character === ']') now -= 1;
  }
  return deepest;
}

/** The own property at a path of keys; undefined where there is none. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let here = value;
  for (const key of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = Object.getOwnPropertyDescriptor(here, key)?.value;
  }
  return here;
}

/** The text at a path; empty where there is none. */
export function textAt(value: unknown, ...path: readonly (string | number)[]): string {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
}
