import { z } from 'zod';
import { labels } from '../estate/gcp/read.ts';
import { VERTEX } from '../estate/gcp/vertex.ts';
import { BursarError } from '../platform/errors.ts';
import { found } from './gcp-found.ts';
import type { GcpActSession } from './gcp-session.ts';

/** Where an endpoint is. */
export interface EndpointPlace {
  readonly region: string;
  readonly endpoint: string;
}

const json = z.record(z.string(), z.json());

/** What is read of an endpoint (aiplatform v1, schema Endpoint); what is deployed to it is kept word for word. */
const shape = z.object({
  name: z.string(),
  displayName: z.string().optional(),
  createTime: z.string().optional(),
  labels,
  network: z.string().optional(),
  enablePrivateServiceConnect: z.boolean().optional(),
  privateServiceConnectConfig: z.object({ enablePrivateServiceConnect: z.boolean().optional() }).optional(),
  modelDeploymentMonitoringJob: z.string().optional(),
  trafficSplit: z.record(z.string(), z.number()).optional(),
  deployedModels: z
    .array(
      z
        .object({ id: z.string(), model: z.string().optional(), createTime: z.string().optional() })
        .catchall(z.json()),
    )
    .optional(),
});
export type VertexEndpoint = z.output<typeof shape>;
export type DeployedModel = NonNullable<VertexEndpoint['deployedModels']>[number];

/** @throws BursarError (input) where the name is none of an endpoint of the session's project. */
export function endpointOf(resourceId: string, session: GcpActSession): EndpointPlace {
  const [, project, region, endpoint] =
    /^\/\/aiplatform\.googleapis\.com\/projects\/([^/]+)\/locations\/([a-z0-9-]+)\/endpoints\/([a-z0-9-]+)$/.exec(
      resourceId,
    ) ?? [];
  if (region === undefined || endpoint === undefined || project !== session.projectId)
    throw new BursarError(
      'input',
      `${JSON.stringify(resourceId)} is no Vertex endpoint of project ${session.projectId}`,
      {
        hint: 'Findings name endpoints by their full resource name.',
      },
    );
  return { region, endpoint };
}

/** Each region has a server of its own (Vertex AI REST reference, "Service endpoints"). */
function serviceOf(region: string): string {
  return `https://${region}-${VERTEX}`;
}

function pathOf(session: GcpActSession, { region, endpoint }: EndpointPlace): string {
  return `/v1/projects/${encodeURIComponent(session.projectId)}/locations/${region}/endpoints/${endpoint}`;
}

/** The endpoint as Vertex AI describes it; null where there is none of that id. */
export async function describeEndpoint(
  session: GcpActSession,
  place: EndpointPlace,
): Promise<VertexEndpoint | null> {
  return await found(
    session,
    {
      call: 'aiplatform.projects.locations.endpoints.get',
      service: serviceOf(place.region),
      path: pathOf(session, place),
      permission: 'aiplatform.endpoints.get',
    },
    shape,
  );
}

/** Whether the model of this name, with its version, is still in its registry. */
export async function modelExists(session: GcpActSession, model: string): Promise<boolean> {
  const [, region] = /^projects\/[^/]+\/locations\/([a-z0-9-]+)\/models\/[^/]+$/.exec(model) ?? [];
  if (region === undefined) return false;
  const named = await found(
    session,
    {
      call: 'aiplatform.projects.locations.models.get',
      service: serviceOf(region),
      path: `/v1/${model}`,
      permission: 'aiplatform.models.get',
    },
    z.object({ name: z.string() }),
  );
  return named !== null;
}

/** A deployment or its end, as the endpoint's long-running operations tell. */
export interface EndpointOperation {
  readonly kind: 'deploy' | 'undeploy' | 'other';
  readonly done: boolean;
  /** Why it failed; null where it did not, or not yet. */
  readonly fault: string | null;
  /** Milliseconds since 1970. */
  readonly at: number;
}

const operations = z.object({
  operations: z
    .array(
      z.object({
        done: z.boolean().optional(),
        error: z.object({ message: z.string().optional(), code: z.number().optional() }).optional(),
        metadata: json.optional(),
      }),
    )
    .optional(),
  nextPageToken: z.string().optional(),
});
const metadata = z.object({
  '@type': z.string(),
  genericMetadata: z.object({ createTime: z.string() }),
});
const PAGES = 20;

/**
 * What Vertex AI is doing, or did, with the endpoint, the latest first: neither a deployment nor its end shows in the
 * endpoint before it is done.
 */
export async function operationsOf(
  session: GcpActSession,
  place: EndpointPlace,
): Promise<EndpointOperation[]> {
  const all: EndpointOperation[] = [];
  let pageToken: string | undefined;
  for (let page = 0; page < PAGES; page += 1) {
    const answer = await found(
      session,
      {
        call: 'aiplatform.projects.locations.endpoints.operations.list',
        service: serviceOf(place.region),
        path: `${pathOf(session, place)}/operations`,
        params: { pageSize: '100', ...(pageToken === undefined ? {} : { pageToken }) },
        permission: 'aiplatform.operations.list',
      },
      operations,
    );
    all.push(...(answer?.operations ?? []).map(operationOf));
    pageToken = answer?.nextPageToken === '' ? undefined : answer?.nextPageToken;
    if (pageToken === undefined) return all.toSorted((a, b) => b.at - a.at);
  }
  throw new BursarError('unavailable', `the operations of endpoint ${place.endpoint} do not end`, {
    where: `gcp:${session.projectId}`,
    hint: 'Nothing was done; it is tried again.',
  });
}

function operationOf({
  done = false,
  error,
  metadata: told,
}: NonNullable<z.output<typeof operations>['operations']>[number]): EndpointOperation {
  const read = metadata.safeParse(told);
  const type = read.success ? (read.data['@type'].split('.').at(-1) ?? '') : '';
  return {
    kind: KINDS[type] ?? 'other',
    done,
    fault: error === undefined ? null : (error.message ?? `code ${error.code ?? 'unknown'}`),
    at: read.success ? Date.parse(read.data.genericMetadata.createTime) : 0,
  };
}

const KINDS: Readonly<Record<string, 'deploy' | 'undeploy'>> = {
  DeployModelOperationMetadata: 'deploy',
  UndeployModelOperationMetadata: 'undeploy',
};

export async function undeploy(session: GcpActSession, place: EndpointPlace, id: string): Promise<void> {
  await session.post({
    call: 'aiplatform.projects.locations.endpoints.undeployModel',
    service: serviceOf(place.region),
    path: `${pathOf(session, place)}:undeployModel`,
    body: { deployedModelId: id },
    permission: 'aiplatform.endpoints.undeploy',
  });
}

/** @param traffic whether it is to answer all requests; `0` stands for it (aiplatform v1, DeployModelRequest). */
export async function deploy(
  session: GcpActSession,
  place: EndpointPlace,
  deployedModel: z.output<typeof json>,
  traffic: boolean,
): Promise<void> {
  await session.post({
    call: 'aiplatform.projects.locations.endpoints.deployModel',
    service: serviceOf(place.region),
    path: `${pathOf(session, place)}:deployModel`,
    body: { deployedModel, ...(traffic ? { trafficSplit: { 0: 100 } } : {}) },
    permission: 'aiplatform.endpoints.deploy',
  });
}
