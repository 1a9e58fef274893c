import { BursarError, type ErrorCode } from '../../platform/errors.ts';

/**
 * What the library throws is text alone. These are the words of the layers below it: HTTP answers of object stores,
 * and errors of the system.
 */
const KINDS: readonly (readonly [RegExp, ErrorCode, string])[] = [
  [
    /InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|InvalidToken|credential|401 Unauthorized/i,
    'credentials',
    'See that the credentials of the storage are right and have not expired.',
  ],
  [
    /AccessDenied|403 Forbidden|status: 403|PermissionDenied|Permission denied|os error 13/i,
    'denied',
    'Allow s3:ListBucket and s3:GetObject (or what its storage asks for) on the folder of the database.',
  ],
  [/SlowDown|429 Too Many|503 Slow/i, 'throttled', 'Look again later.'],
  [
    /No field named|Invalid input, Schema/i,
    'config',
    'See that the configured columns are those of the table.',
  ],
];

/** Where in its sources the library was, and what lies below. */
const PLACES = /,? \/\S*\.cargo|,? \/usr\/local\/cargo|,? location: Location|\n| {2}Caused by/;

/** Is it said of a table or a file that is not there any more? */
export function isGone(error: unknown): boolean {
  return error instanceof Error && /was not found|Not found:|NotFound|No such file/i.test(error.message);
}

/** In one line, without the places in the library's own sources. */
export function lanceError(error: unknown, where: string, what: string): BursarError {
  if (error instanceof BursarError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const [, code, hint] = KINDS.find(([words]) => words.test(message)) ?? [
    null,
    'unavailable' as const,
    'See that the storage can be reached and that the folder is a database of LanceDB.',
  ];
  return new BursarError(code, `${what}: ${shown(message)}`, { where, hint, cause: error });
}

/** Without the insides of the library: of a request that failed its address and answer, else the first sentence. */
function shown(message: string): string {
  const [, address] = /uri: Some\(([^)?]+)/.exec(message) ?? [];
  if (address === undefined) return (message.split(PLACES)[0] ?? message).trim().slice(0, 300);
  const [, status] = /status: (\d{3})/.exec(message) ?? [];
  const [, code] = /<Code>(\w+)<\/Code>/.exec(message) ?? [];
  return `${address} ${status === undefined ? 'gives no answer' : `answers ${status}${code === undefined ? '' : ` ${code}`}`}`;
}
