import { ListTagsCommand } from '@aws-sdk/client-sagemaker';
import { partTags } from '../estate/aws/tags.ts';
import { BursarError } from '../platform/errors.ts';
import { type AwsActSession, act, placeName } from './aws-session.ts';

/** SageMaker says by a ValidationException and its message alone that something does not exist. */
export const NOT_FOUND = ['ValidationException', 'ResourceNotFound'];
export const SAYS_NOT_FOUND = /RecordNotFound|could not find|does not exist/i;

/** Every tag of a thing of SageMaker that is the user's own. */
export async function tagsOf(session: AwsActSession, arn: string): Promise<Readonly<Record<string, string>>> {
  const all: { Key?: string | undefined; Value?: string | undefined }[] = [];
  const seen = new Set<string>();
  let token: string | undefined;
  do {
    const page = await act(session, 'sagemaker:ListTags', () =>
      session.sagemaker.send(
        new ListTagsCommand({ ResourceArn: arn, ...(token === undefined ? {} : { NextToken: token }) }),
      ),
    );
    all.push(...(page.Tags ?? []));
    token = page.NextToken === '' ? undefined : page.NextToken;
    if (token !== undefined && seen.has(token))
      throw new BursarError('unavailable', 'sagemaker:ListTags gave the same page twice', {
        where: placeName(session),
      });
    if (token !== undefined) seen.add(token);
  } while (token !== undefined);
  return partTags(all).tags;
}
