import { z } from 'zod';

const Call = z.object({
  /** `chat.postMessage` */
  method: z.string(),
  /** Arguments, with those that travel as JSON text (blocks, metadata, view) parsed. */
  args: z.record(z.string(), z.unknown()),
  status: z.number(),
  /** The answer's `ok` and `error`. */
  ok: z.boolean(),
  error: z.string().nullable(),
});

/** One call of the Web API as the proxy saw it. */
export type SlackCall = z.infer<typeof Call>;

/** How the proxy is to disturb the next calls of a method. */
export const Disturbance = z.discriminatedUnion('kind', [
  /** HTTP 429 with `Retry-After` in seconds. */
  z.object({ kind: z.literal('ratelimited'), retryAfter: z.number() }),
  z.object({ kind: z.literal('status'), status: z.number() }),
  /** `{ok: false, error}` */
  z.object({ kind: z.literal('error'), error: z.string() }),
  /** `invalid_blocks` for a message that holds a block of this type: a workspace that does not have it yet. */
  z.object({ kind: z.literal('refuse-block'), block: z.string() }),
  /** Slack does what was asked, but the connection breaks before the answer. */
  z.object({ kind: z.literal('answer-lost') }),
  /** Members of the answer's object `key` that the emulated server does not have: a guest's flags, a time zone. */
  z.object({ kind: z.literal('with'), key: z.string(), members: z.record(z.string(), z.unknown()) }),
]);
export type Disturbance = z.infer<typeof Disturbance>;

export const Order = z.object({ method: z.string(), disturbance: Disturbance, times: z.int().positive() });

export async function slackCalls(control: string): Promise<readonly SlackCall[]> {
  const response = await fetch(`${control}/calls`);
  return z.array(Call).parse(await response.json());
}

/** @param times how many matching calls are disturbed. */
export async function disturbSlack(
  control: string,
  method: string,
  disturbance: Disturbance,
  times = 1,
): Promise<void> {
  await fetch(`${control}/disturb`, {
    method: 'POST',
    body: JSON.stringify({ method, disturbance, times }),
  });
}

/** Forgets the log and every disturbance; what was posted stays in its channel. */
export async function resetSlack(control: string): Promise<void> {
  await fetch(`${control}/reset`, { method: 'POST' });
}
