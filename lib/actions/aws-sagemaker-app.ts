import { AppType, DescribeAppCommand, type DescribeAppResponse } from '@aws-sdk/client-sagemaker';
import { z } from 'zod';
import { BursarError } from '../platform/errors.ts';
import { type AwsActSession, act, placeName, unless } from './aws-session.ts';

const common = { DomainId: z.string(), AppType: z.enum(AppType), AppName: z.string() };
/** What of an app names it in every call of SageMaker: of a space or of a user's profile, never of both. */
export const appKeyShape = z.union([
  z.strictObject({ ...common, SpaceName: z.string() }),
  z.strictObject({ ...common, UserProfileName: z.string() }),
]);
export type AppKey = z.output<typeof appKeyShape>;

/**
 * What `app/d-1/lab/jupyterlab/default` may name: the ARN tells not whether an app is a space's or a user's, and writes
 * its type in small letters.
 * @throws BursarError (input) where it is no app of a type that this version knows
 */
export function keysOf(part: string, resourceId: string): AppKey[] {
  const [domain, owner, type, name, ...more] = part.split('/');
  const of = Object.values(AppType).find((each) => each.toLowerCase() === type?.toLowerCase());
  if (!domain || !owner || !name || of === undefined || more.length > 0)
    throw new BursarError('input', `${resourceId} is no app of SageMaker Studio`, {
      hint: 'Findings name AWS resources by their ARN.',
    });
  const key = { DomainId: domain, AppType: of, AppName: name };
  return [
    { ...key, SpaceName: owner },
    { ...key, UserProfileName: owner },
  ];
}

/** The app as SageMaker describes it; null where there is none, or only the memory of one that was deleted. */
export async function describeApp(session: AwsActSession, key: AppKey): Promise<DescribeAppResponse | null> {
  const found = await unless(['ResourceNotFound'], () =>
    act(session, 'sagemaker:DescribeApp', () => session.sagemaker.send(new DescribeAppCommand(key))),
  );
  return found === null || found.Status === 'Deleted' ? null : found;
}

/**
 * The app of these keys that carries the ARN; null where none does.
 * @throws BursarError (conflict) where two do: a space and a user may have the same name
 */
export async function appOf(
  session: AwsActSession,
  keys: readonly AppKey[],
  arn: string,
): Promise<{ readonly key: AppKey; readonly app: DescribeAppResponse } | null> {
  const found: { key: AppKey; app: DescribeAppResponse }[] = [];
  for (const key of keys) {
    const app = await describeApp(session, key);
    if (app?.AppArn === arn) found.push({ key, app });
  }
  if (found.length > 1)
    throw new BursarError('conflict', `${arn} names the app of a space and that of a user`, {
      where: placeName(session),
      hint: 'Nothing is done, since they cannot be told apart.',
    });
  return found[0] ?? null;
}
