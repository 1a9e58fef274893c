import pLimit from 'p-limit';
import { z } from 'zod';
import { Decimal, decimal } from '../../focus/decimal.ts';
import { type Money, money } from '../../focus/money.ts';
import { MONTH_DAYS } from '../../focus/month.ts';
import { SwitchedOffError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import type { Advice, Dataset, Resource } from '../model.ts';
import { locationOf, ownName, pages, toldFault, utc, whole } from './read.ts';
import type { GcpSession } from './session.ts';

const RECOMMENDER = 'https://recommender.googleapis.com';
/** Lists of one project at once: each is one recommender in one zone or region. */
const AT_ONCE = 4;
/** As the recommenders of Compute Engine project it, too. */
const MONTH_SECONDS = MONTH_DAYS * 86_400;

/** The recommender of resource-based commitments, by whose id its advice is known among the others'. */
export const COMMITMENT_RECOMMENDER = 'google.compute.commitment.UsageCommitmentRecommender';

/** One recommender, and the things by whose zones and regions it is asked. */
interface Recommender {
  readonly id: string;
  readonly kind: Advice['kind'];
  readonly type: string;
  /** Where it is asked where that is not where the things stand. */
  readonly asked?: 'by region' | 'global';
  readonly permission: Permission;
}

/** Recommenders of Compute Engine and Cloud SQL by their ids ("Recommenders", Recommender documentation). */
const RECOMMENDERS: readonly Recommender[] = [
  {
    id: 'google.compute.instance.IdleResourceRecommender',
    kind: 'idle',
    type: 'gcp:compute:instance',
    permission: right(
      'computeInstanceIdleResourceRecommendations',
      'reads which machines Google takes for idle',
    ),
  },
  {
    id: 'google.compute.instance.MachineTypeRecommender',
    kind: 'size',
    type: 'gcp:compute:instance',
    permission: right(
      'computeInstanceMachineTypeRecommendations',
      'reads which machines Google would size differently',
    ),
  },
  {
    id: 'google.compute.disk.IdleResourceRecommender',
    kind: 'idle',
    type: 'gcp:compute:disk',
    permission: right('computeDiskIdleResourceRecommendations', 'reads which disks Google takes for idle'),
  },
  {
    id: 'google.compute.address.IdleResourceRecommender',
    kind: 'idle',
    type: 'gcp:compute:address',
    permission: right(
      'computeAddressIdleResourceRecommendations',
      'reads which addresses Google takes for idle',
    ),
  },
  {
    id: 'google.compute.image.IdleResourceRecommender',
    kind: 'idle',
    type: 'gcp:compute:image',
    asked: 'global',
    permission: right(
      'computeImageIdleResourceRecommendations',
      'reads which images Google takes for unused',
    ),
  },
  {
    id: 'google.compute.IdleResourceRecommender',
    kind: 'idle',
    type: 'gcp:compute:reservation',
    permission: right('computeIdleResourceRecommendations', 'reads which reservations Google takes for idle'),
  },
  {
    id: 'google.cloudsql.instance.IdleRecommender',
    kind: 'idle',
    type: 'gcp:sqladmin:instance',
    permission: right('cloudsqlIdleInstanceRecommendations', 'reads which databases Google takes for idle'),
  },
  {
    id: 'google.cloudsql.instance.OverprovisionedRecommender',
    kind: 'size',
    type: 'gcp:sqladmin:instance',
    permission: right(
      'cloudsqlOverprovisionedInstanceRecommendations',
      'reads which databases Google would make smaller',
    ),
  },
  {
    id: COMMITMENT_RECOMMENDER,
    kind: 'other',
    type: 'gcp:compute:instance',
    asked: 'by region',
    permission: right('usageCommitmentRecommendations', 'reads which commitments Google would buy'),
  },
];

function right(kind: string, why: string): Permission {
  return { cloud: 'gcp', action: `recommender.${kind}.list`, why };
}

/** A sum of money as Google writes it: whole units as text, and billionths (recommender v1, GoogleTypeMoney). */
const amount = z.object({
  currencyCode: z.string().optional(),
  units: z
    .string()
    .regex(/^-?\d{1,19}$/)
    .optional(),
  nanos: z.int().optional(),
});

/** What is read of a recommendation (recommender v1, schema GoogleCloudRecommenderV1Recommendation). */
const recommendation = z.object({
  name: z.string(),
  description: z.string().optional(),
  recommenderSubtype: z.string().optional(),
  lastRefreshTime: z.string().optional(),
  stateInfo: z.object({ state: z.string().optional() }).optional(),
  primaryImpact: z
    .object({
      costProjection: z.object({ cost: amount.optional(), duration: z.string().optional() }).optional(),
    })
    .optional(),
  content: z
    .object({
      overview: z.object({ resource: z.unknown().optional() }).optional(),
      operationGroups: z
        .array(
          z.object({
            operations: z
              .array(z.object({ resource: z.string().optional(), action: z.string().optional() }))
              .optional(),
          }),
        )
        .optional(),
    })
    .optional(),
});
export type Recommendation = z.output<typeof recommendation>;

/** A page of recommendations, of a project or a billing account. */
export const recommendations = z.object({
  recommendations: z.array(recommendation).optional(),
  nextPageToken: z.string().optional(),
});

/**
 * What Google's Recommender says of machines, disks, addresses, images, reservations and databases: idle, or of another
 * size, and which commitments it would buy for machines. It is free. It is asked in the zones and regions where the
 * project has such things, since no list speaks for all of them. Left out is what somebody has dismissed, claimed or
 * done, and every other recommender (GKE, IAM; spend-based commitments are a billing account's: spend-advice.ts).
 */
export const gcpRecommender: Dataset<GcpSession> = {
  id: 'gcp.recommender',
  needs: [
    'gcp.compute.instances',
    'gcp.compute.disks',
    'gcp.compute.addresses',
    'gcp.compute.images',
    'gcp.compute.reservations',
    'gcp.sqladmin.instances',
  ],
  permissions: RECOMMENDERS.map(({ permission }) => permission),
  async collect(scope, session, _now, earlier, meter) {
    const limit = pLimit(AT_ONCE);
    const asked = RECOMMENDERS.flatMap((recommender) =>
      locationsOf(earlier.resources, recommender).map((location) => ({ recommender, location })),
    );
    const missing: string[] = [];
    const found = await Promise.all(
      asked.map(({ recommender, location }) =>
        limit(async () => {
          try {
            return await adviceOf(session, meter, recommender, location);
          } catch (error) {
            if (error instanceof SwitchedOffError) throw error;
            missing.push(toldFault(`${recommender.id} in ${location}`, error));
            return [];
          }
        }),
      ),
    );
    return whole({ advice: found.flat() }, missing.toSorted(), 'recommendations', scope);
  },
};

function locationsOf(resources: readonly Resource[], { type, asked }: Recommender): string[] {
  const places = resources.filter((each) => each.type === type).map(({ region }) => region);
  if (asked === 'global') return places.length === 0 ? [] : ['global'];
  return [
    ...new Set(asked === undefined ? places : places.map((zone) => zone.replace(/-[a-z]$/, ''))),
  ].toSorted();
}

async function adviceOf(
  session: GcpSession,
  meter: Meter,
  { id, kind, permission }: Recommender,
  location: string,
): Promise<Advice[]> {
  const parent = [session.projectId, location, id].map(encodeURIComponent);
  const found = pages(session, meter, recommendations, {
    call: 'recommender.projects.locations.recommenders.recommendations.list',
    service: RECOMMENDER,
    path: `/v1/projects/${parent[0] ?? ''}/locations/${parent[1] ?? ''}/recommenders/${parent[2] ?? ''}/recommendations`,
    permission,
  });
  const advice: Advice[] = [];
  for await (const { recommendations: page = [] } of found)
    for (const one of page)
      if (one.stateInfo?.state === 'ACTIVE') advice.push(ofRecommendation(session, one, kind));
  return advice;
}

function ofRecommendation(session: GcpSession, told: Recommendation, kind: Advice['kind']): Advice {
  return {
    provider: 'gcp',
    accountId: session.projectId,
    region: locationOf(told.name),
    // What would be bought is no thing yet.
    resourceId: told.name.includes(COMMITMENT_RECOMMENDER)
      ? `//recommender.googleapis.com/${told.name}`
      : resourceOf(session, told),
    adviser: 'GCP Recommender',
    repeats: null,
    kind,
    finding: told.recommenderSubtype ?? 'not told',
    action: told.description ?? 'not told',
    monthlySaving: savingOf(told),
    // "A user's permissions may affect whether the cost is computed using list prices or custom contract prices"
    // (recommender v1, CostProjection): which of them it was, nobody says.
    discounts: 'not told',
    lookbackDays: null,
    at: utc(told.lastRefreshTime),
  };
}

/**
 * The thing that it is about: what its overview names, else what it would change; a snapshot that it would add, named
 * by a placeholder, is not it. Else its own name, so that nothing is lost.
 */
function resourceOf(session: GcpSession, { name, content }: Recommendation): string {
  const named = content?.overview?.resource;
  const changed = (content?.operationGroups ?? [])
    .flatMap(({ operations }) => operations ?? [])
    .find(({ action, resource }) => action !== 'add' && resource?.startsWith('//') === true)?.resource;
  const full = typeof named === 'string' && named.startsWith('//') ? named : changed;
  if (full === undefined) return `//recommender.googleapis.com/${name}`;
  const [, service = '', path = ''] = /^\/\/([^/]+)\/(.*)$/.exec(full) ?? [];
  return ownName(session, service, path);
}

/**
 * What a month would save: "Negative cost units indicate cost savings" (recommender v1, CostProjection, cost). Of the
 * amount in the billing account's own currency Google does not say which sign a saving has, so that it is not read.
 */
export function savingOf({ primaryImpact }: Recommendation): Money | null {
  const projection = primaryImpact?.costProjection;
  const cost = projection?.cost;
  const seconds = /^(\d+(?:\.\d+)?)s$/.exec(projection?.duration ?? '')?.[1];
  if (cost?.currencyCode === undefined || seconds === undefined || Number(seconds) === 0) return null;
  const projected = decimal(cost.units ?? '0').plus(new Decimal(cost.nanos ?? 0).div(1_000_000_000));
  return money(projected.negated().times(MONTH_SECONDS).div(seconds), cost.currencyCode);
}
