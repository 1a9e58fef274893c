import { ListNotebookInstancesCommand, type NotebookInstanceSummary } from '@aws-sdk/client-sagemaker';
import pLimit from 'p-limit';
import { awsPages } from '../../platform/aws-call.ts';
import type { Permission } from '../../platform/permissions.ts';
import { type Dataset, type Resource, scopeName } from '../model.ts';
import type { TypeAccelerators } from './accelerators.ts';
import { INSTANCE_TYPES_PERMISSION } from './instance-types.ts';
import {
  AT_ONCE,
  SAGEMAKER_TAGS_PERMISSION,
  sagemakerTags,
  unlessGone,
  withAccelerators,
} from './sagemaker.ts';
import type { AwsPlace, AwsSession } from './session.ts';
import type { PartedTags } from './tags.ts';

const LIST: Permission = {
  cloud: 'aws',
  action: 'sagemaker:ListNotebookInstances',
  why: 'lists notebook instances with their type and state',
};

/**
 * SageMaker notebook instances with their accelerators. `created` is when one was last modified, which starting it
 * does, too.
 *
 * It does not see: whether anyone works in them. Notebook instances publish no metric of activity.
 */
export const awsSagemakerNotebooks: Dataset<AwsSession> = {
  id: 'aws.sagemaker.notebooks',
  permissions: [LIST, SAGEMAKER_TAGS_PERMISSION, INSTANCE_TYPES_PERMISSION],
  async collect(scope, session, _now, _earlier, meter) {
    const where = scopeName(scope);
    const pages = awsPages({ action: LIST.action, where, meter }, (token) =>
      session.sagemaker.send(
        new ListNotebookInstancesCommand({
          MaxResults: 100,
          ...(token === undefined ? {} : { NextToken: token }),
        }),
      ),
    );
    const listed = new Map<string, NotebookInstanceSummary>();
    for await (const { NotebookInstances } of pages)
      for (const notebook of NotebookInstances ?? [])
        listed.set(notebook.NotebookInstanceArn ?? '', notebook);
    const limit = pLimit(AT_ONCE);
    const tagged = await Promise.all(
      [...listed].map(([arn, notebook]) =>
        limit(() =>
          unlessGone(async () => ({
            arn,
            notebook,
            parted: await sagemakerTags(session, arn, where, meter),
          })),
        ),
      ),
    );
    const notebooks = tagged.filter((one) => one !== null);
    const types = notebooks.flatMap(({ notebook }) => notebook.InstanceType ?? []);
    return await withAccelerators(session, types, where, meter, (known) =>
      notebooks.map(({ arn, notebook, parted }) => resourceOf(arn, notebook, parted, session, known)),
    );
  },
};

function resourceOf(
  arn: string,
  notebook: NotebookInstanceSummary,
  parted: PartedTags,
  session: AwsPlace,
  known: ReadonlyMap<string, TypeAccelerators>,
): Resource {
  const found = known.get(notebook.InstanceType ?? '');
  return {
    provider: 'aws',
    accountId: session.accountId,
    region: session.region,
    type: 'aws:sagemaker:notebook-instance',
    id: arn,
    name: notebook.NotebookInstanceName ?? null,
    state: notebook.NotebookInstanceStatus ?? 'unknown',
    created: (notebook.LastModifiedTime ?? notebook.CreationTime)?.toISOString() ?? null,
    tags: parted.tags,
    sku: notebook.InstanceType ?? null,
    accelerators: found?.accelerators ?? [],
    parent: null,
    attributes: {
      notebookName: notebook.NotebookInstanceName ?? null,
      createdAt: notebook.CreationTime?.toISOString() ?? null,
      acceleratorsUnknown: found === undefined,
      acceleratorDevices: found?.devices ?? null,
      systemTags: parted.systemTags,
    },
  };
}
