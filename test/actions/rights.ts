import { expect } from 'vitest';
import type { Action, Target, Verified } from '../../lib/actions/model.ts';
import type { Json } from '../../lib/estate/model.ts';
import { type Answer, jsonRefusal, type Request } from '../estate/aws/emulated.ts';
import { planned } from './aws.ts';

/** Some work goes in steps, one a sweep. */
export async function until(work: () => Promise<void>, look: () => Promise<Verified>): Promise<void> {
  let seen: Verified = { state: 'pending', reason: 'not begun' };
  for (let sweeps = 0; sweeps < 8 && seen.state === 'pending'; sweeps += 1) {
    await work();
    seen = await look();
  }
  if (seen.state !== 'done') throw new Error(`not done: ${JSON.stringify(seen)}`);
}

/** An action planned and carried out; gives how it is taken back. */
export async function carriedOut<S>(action: Action<S>, target: Target, session: S): Promise<Json> {
  const { plan, undoPlan } = await planned(action, target, session);
  await until(
    () => action.apply(plan, session),
    () => action.verify(plan, session),
  );
  return undoPlan;
}

/**
 * An action planned, carried out and taken back.
 * @param between what happens by itself once it is carried out
 */
export async function wholeJob<S>(
  action: Action<S>,
  target: Target,
  session: S,
  between: () => Promise<void> = async () => undefined,
): Promise<void> {
  const undoPlan = await carriedOut(action, target, session);
  await between();
  await until(
    () => action.undo(undoPlan, session),
    () => action.verifyUndo(undoPlan, session),
  );
}

/**
 * With the rights that it declares an action does its job; with any one of them less it does not, and says that it was
 * refused.
 * @returns rights that the job did not miss
 */
export async function notMissed<S>(
  action: Action<S>,
  play: (rights: ReadonlySet<string>) => Promise<void>,
): Promise<string[]> {
  const rights = new Set(action.permissions.map((permission) => permission.action));
  await play(rights);
  const spare: string[] = [];
  for (const taken of rights) {
    const told = await play(new Set([...rights].filter((right) => right !== taken))).then(() => null, String);
    if (told === null) spare.push(taken);
    else expect({ taken, told }).toEqual({ taken, told: expect.stringMatching(REFUSED) });
  }
  return spare.toSorted();
}

/** What is told: by the provider's word, or that a step was never seen done. */
const REFUSED = /denied|HTTP 403|answers 403|not done/;

/** Rights of calls that name themselves by method and path (Service Authorization Reference, "Amazon Bedrock"). */
const REST: readonly (readonly [RegExp, string])[] = [
  [/^GET \/provisioned-model-throughput\//, 'bedrock:GetProvisionedModelThroughput'],
  [/^DELETE \/provisioned-model-throughput\//, 'bedrock:DeleteProvisionedModelThroughput'],
  [/^POST \/listTagsForResource$/, 'bedrock:ListTagsForResource'],
];

/** The right that a call needs: its service as it was signed for, and its name. */
export function rightOf({ headers, action, path }: Request): string {
  const [, service] = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '') ?? [];
  const right = action === '' ? REST.find(([call]) => call.test(path))?.[1] : `${service}:${action}`;
  if (right === undefined) throw new Error(`nobody knows the right for ${path}`);
  return right;
}

/** Refuses, as AWS does, whatever a role with these rights may not call; null for the rest. */
export function gate(rights: ReadonlySet<string>): (request: Request) => Promise<Answer | null> {
  return async (request) => {
    const right = rightOf(request);
    return rights.has(right)
      ? null
      : jsonRefusal('AccessDeniedException', `User is not authorized to perform: ${right}`, 403);
  };
}

/**
 * Permissions of Google's methods, as each method's page of the REST reference names them (Compute Engine v1,
 * Notebooks v2, Cloud TPU v2, Vertex AI v1; November 2026).
 */
const GOOGLE: readonly (readonly [RegExp, string])[] = [
  [/^GET \/compute\/v1\/.*\/instances\/[^/]+$/, 'compute.instances.get'],
  [/^POST \/compute\/v1\/.*\/instances\/[^/]+\/stop$/, 'compute.instances.stop'],
  [/^POST \/compute\/v1\/.*\/instances\/[^/]+\/start$/, 'compute.instances.start'],
  [/^GET \/compute\/v1\/.*\/operations$/, 'compute.zoneOperations.list'],
  [/^GET \/v2\/.*\/instances\/[^/:]+$/, 'notebooks.instances.get'],
  [/^POST \/v2\/.*\/instances\/[^/]+:stop$/, 'notebooks.instances.stop'],
  [/^POST \/v2\/.*\/instances\/[^/]+:start$/, 'notebooks.instances.start'],
  [/^GET \/v2\/.*\/nodes\/[^/:]+$/, 'tpu.nodes.get'],
  [/^POST \/v2\/.*\/nodes\/[^/]+:stop$/, 'tpu.nodes.stop'],
  [/^POST \/v2\/.*\/nodes\/[^/]+:start$/, 'tpu.nodes.start'],
  [/^GET \/v1\/.*\/endpoints\/[^/:]+$/, 'aiplatform.endpoints.get'],
  [/^GET \/v1\/.*\/models\/[^/:]+$/, 'aiplatform.models.get'],
  [/^GET \/v1\/.*\/endpoints\/[^/]+\/operations$/, 'aiplatform.operations.list'],
  [/^POST \/v1\/.*\/endpoints\/[^/]+:undeployModel$/, 'aiplatform.endpoints.undeploy'],
  [/^POST \/v1\/.*\/endpoints\/[^/]+:deployModel$/, 'aiplatform.endpoints.deploy'],
];

/** The permission that a call of Google needs, by its method and path. */
export function googleRight(call: string): string {
  const right = GOOGLE.find(([each]) => each.test(call))?.[1];
  if (right === undefined) throw new Error(`nobody knows the permission for ${call}`);
  return right;
}
