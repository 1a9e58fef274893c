import { z } from 'zod';

const Order = z.object({
  /** A regular expression over the request's path. */
  path: z.string(),
  status: z.int(),
  /** Seconds, sent as `Retry-After`. */
  retryAfter: z.number().optional(),
  times: z.int().positive(),
  /** Google's word for it in `details` (`SERVICE_DISABLED`), where the status alone does not tell. */
  reason: z.string().optional(),
  /** What Google says, where that tells more than the status. */
  message: z.string().optional(),
});
export type GcpDisturbance = z.infer<typeof Order>;
export const GcpOrder = Order;

export const GcpAnswer = z.object({
  /** `/v1/projects/ml-prod/billingInfo` */
  path: z.string(),
  /** The whole answer; the server pages it. */
  body: z.record(z.string(), z.unknown()),
});

const Call = z.object({
  method: z.string(),
  path: z.string(),
  query: z.record(z.string(), z.string()),
  status: z.number(),
});
export type GcpCall = z.infer<typeof Call>;

/**
 * Sets the whole answer of a GET. It must be one that Google's discovery document allows, else this throws with
 * everything that is wrong about it.
 */
export async function answerGcp(url: string, path: string, body: unknown): Promise<void> {
  await order(url, 'answer', { path, body });
}

/** The next `times` requests whose path matches get this status in Google's shape of an error. */
export async function disturbGcp(
  url: string,
  disturbance: Omit<GcpDisturbance, 'times'>,
  times = 1,
): Promise<void> {
  await order(url, 'disturb', { ...disturbance, times });
}

/** Takes recordings of this folder (`instance-stop`) before those of others that answer the same path. */
export async function preferRecording(url: string, recording: string): Promise<void> {
  await order(url, 'prefer', { recording });
}

/** Forgets calls, answers set, disturbances and preferences. */
export async function resetGcp(url: string): Promise<void> {
  await order(url, 'reset', {});
}

export async function gcpCalls(url: string): Promise<readonly GcpCall[]> {
  const response = await fetch(`${url}/_control/calls`);
  return z.array(Call).parse(await response.json());
}

async function order(url: string, what: string, body: object): Promise<void> {
  const response = await fetch(`${url}/_control/${what}`, { method: 'POST', body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
}
