import { redact } from '../../config/secrets.ts';
import { BursarError } from '../../platform/errors.ts';

/** Why an attempt gave nothing. */
export interface Refusal {
  /** HTTP status; null where no answer came. */
  readonly status: number | null;
  /** The answer's text, or what it was instead of JSON. */
  readonly text: string;
  /** Seconds that the answer asks to wait. */
  readonly retryAfter: number | null;
  /** May the same call succeed a little later? */
  readonly passing: boolean;
  readonly cause?: unknown;
}

interface Asked {
  readonly where: string;
  readonly vendor: string;
  readonly call: string;
  readonly keyHint: string;
}

/** A refusal in words that say what to do. What the vendor says is shown without anything that looks like a key. */
export function refusal(given: Refusal, { where, vendor, call, keyHint }: Asked): BursarError {
  const { status, retryAfter, cause } = given;
  const said = saidBy(given.text);
  const tell = (code: BursarError['code'], what: string, hint: string) =>
    new BursarError(code, said === '' ? what : `${what}: ${said}`, { where, hint, cause });
  if (status === null)
    return tell('unavailable', `${call} got no answer`, 'See that the network and the endpoint are right.');
  if (status === 401) return tell('credentials', `${call} was refused for its key`, keyHint);
  if (status === 403) return tell('denied', `${call} was denied`, keyHint);
  if (status === 404)
    return tell('input', `${call} does not exist at this address`, 'See that the endpoint is right.');
  if (status === 429)
    return tell(
      'throttled',
      retryAfter === null
        ? `${call} was throttled and stayed so after every retry`
        : `${call} was throttled, and asks to wait ${retryAfter} s`,
      `Look again later. ${vendor} limits how often an organisation may ask; nothing of this run was kept.`,
    );
  if (status >= 500)
    return tell(
      'unavailable',
      `${call} failed with HTTP ${status}`,
      `${vendor} had a fault: look again later.`,
    );
  if (status >= 300)
    return tell(
      'unavailable',
      `${call} failed with HTTP ${status}`,
      `${vendor} did not accept the call as it was made. See that the endpoint is right.`,
    );
  return tell(
    'unavailable',
    `${call} answered with something else than JSON`,
    'See that no proxy or login page stands between Bursar and the endpoint.',
  );
}

/** An answer that is not what the vendor's reference says: nothing of it is taken. */
export function oddAnswer(where: string, call: string, what: string): BursarError {
  return new BursarError('unavailable', `${call} answered with ${what}`, {
    where,
    hint: 'Nothing of this run was kept; run again, and report it if it stays.',
  });
}

/** The message of the vendors' error objects (`{ error: { message } }` at both), else the text's beginning. */
function saidBy(text: string): string {
  let said = text;
  try {
    const parsed: unknown = JSON.parse(text);
    const error = property(parsed, 'error');
    const message = typeof error === 'string' ? error : property(error, 'message');
    if (typeof message === 'string') said = message;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // A page of HTML says nothing to a person.
    if (/^\s*</.test(text)) return 'a web page';
  }
  const line = redact(said.replaceAll(/\s+/g, ' ').trim());
  return line.length > 300 ? `${line.slice(0, 297)}...` : line;
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined;
}
