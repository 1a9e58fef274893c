import type { Event } from '@aws-sdk/client-cloudtrail';
import { z } from 'zod';
import { BursarError } from '../../platform/errors.ts';

const text = z.string().nullish();

/** What we need of a record (CloudTrail User Guide, "CloudTrail record contents" and "userIdentity element"). */
const record = z.object({
  errorCode: text,
  responseElements: z.unknown(),
  userIdentity: z
    .object({
      type: text,
      arn: text,
      principalId: text,
      userName: text,
      invokedBy: text,
      sessionContext: z.object({ sourceIdentity: text }).nullish(),
    })
    .nullish(),
});
type Identity = NonNullable<z.output<typeof record>['userIdentity']>;

export interface ReadEvent {
  readonly failed: boolean;
  /** The answer of the call, as CloudTrail keeps it. */
  readonly answer: unknown;
  readonly principal: string | null;
  readonly address: string | null;
}

/** The record of an event; null where CloudTrail gives none with it. */
export function eventOf({ CloudTrailEvent, EventId }: Event): ReadEvent | null {
  if (CloudTrailEvent === undefined) return null;
  const read = record.safeParse(parsed(CloudTrailEvent, EventId));
  if (!read.success) throw odd(EventId, z.prettifyError(read.error));
  const { errorCode, responseElements, userIdentity } = read.data;
  return {
    failed: errorCode != null,
    answer: responseElements,
    principal: userIdentity?.arn ?? userIdentity?.principalId ?? userIdentity?.invokedBy ?? null,
    address: userIdentity == null ? null : addressOf(userIdentity),
  };
}

function parsed(json: string, id: string | undefined): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw odd(id, error instanceof Error ? error.message : String(error));
  }
}

function odd(id: string | undefined, why: string): BursarError {
  return new BursarError(
    'unavailable',
    `the CloudTrail event ${id ?? 'without an id'} cannot be read: ${why}`,
  );
}

/**
 * The e-mail address of the person behind a call, null where none is named: that of the source identity, which
 * stays with every role assumed from there ("AWS STS source identity", same page), else of the session of a role
 * or federated user, else the name of an IAM user. IAM Identity Center names its sessions after the user.
 * Root, services, other accounts and a role whose session bears another name are nobody.
 */
function addressOf({ type, arn, userName, sessionContext }: Identity): string | null {
  const session =
    arn == null ? null : (/:(?:assumed-role\/[^/]+|federated-user)\/(.+)$/.exec(arn)?.[1] ?? null);
  const names: Readonly<Record<string, readonly (string | null | undefined)[]>> = {
    IAMUser: [userName],
    AssumedRole: [sessionContext?.sourceIdentity, session],
    FederatedUser: [sessionContext?.sourceIdentity, session],
  };
  const found = (names[type ?? ''] ?? []).find((name) => z.email().safeParse(name).success);
  return found ?? null;
}

/** Every text in a JSON value, at whatever depth. */
export function* textsOf(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (Array.isArray(value)) for (const item of value) yield* textsOf(item);
  else if (typeof value === 'object' && value !== null)
    for (const item of Object.values(value)) yield* textsOf(item);
}
