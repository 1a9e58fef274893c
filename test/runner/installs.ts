import { hasGo, installBigQuery, installQuickBigQuery } from '../counterparts/bigquery.ts';
import { unpackBrowser } from '../counterparts/browser.ts';
import { installCfnLint } from '../counterparts/cfn-lint.ts';
import { installDynamoDb } from '../counterparts/dynamodb.ts';
import { installFocusValidator } from '../counterparts/focus.ts';
import { installDiscovery } from '../counterparts/gcp.discovery.ts';
import { installHcl } from '../counterparts/hcl.ts';
import { progress } from '../counterparts/install.ts';
import { hasMaven } from '../counterparts/maven.ts';
import { installMilvus } from '../counterparts/milvus.ts';
import { installMinistack } from '../counterparts/ministack.ts';
import { installMoto } from '../counterparts/moto.ts';
import { installOpenSearch, OPENSEARCH_JAVA } from '../counterparts/opensearch.ts';
import { installPostgres } from '../counterparts/postgres.ts';
import { installPrism } from '../counterparts/prism.ts';
import { pythonFor } from '../counterparts/python.ts';
import { installTrino, newJava } from '../counterparts/trino.ts';
import { hasSharedData, NO_SHARED_DATA } from '../shared.ts';
import type { Project } from './plan.ts';

export interface Need {
  /** What the machine itself lacks, or null. */
  readonly lacks: () => Promise<string | null>;
  readonly install: () => Promise<unknown>;
}

const python = (least: string, below?: string) => async () =>
  (await pythonFor(least, below)) === null
    ? `no Python ${least}${below === undefined ? ' or newer' : ''} with venv on this machine`
    : null;

const MOTO: Need = { lacks: python('3.11'), install: installMoto };
const DYNAMODB: Need = {
  lacks: async () => ((await hasMaven()) ? null : 'no Java or no Maven on this machine'),
  install: installDynamoDb,
};
const TRINO: Need = {
  lacks: async () =>
    (await newJava()) !== null && (await hasMaven()) ? null : 'no Java 24 or no Maven on this machine',
  install: installTrino,
};
const OPENSEARCH: Need = {
  lacks: async () =>
    (await newJava(OPENSEARCH_JAVA)) !== null && (await hasMaven())
      ? null
      : `no Java ${OPENSEARCH_JAVA} or no Maven on this machine`,
  install: installOpenSearch,
};
const BIGQUERY: Need = {
  lacks: async () => ((await hasGo()) ? null : 'no Go 1.26 or newer on this machine'),
  install: installBigQuery,
};
const QUICK_BIGQUERY: Need = { lacks: python('3.11'), install: installQuickBigQuery };
/** What several projects deploy or look at: bundled before they do it side by side, each for itself. */
const FUNCTIONS: Need = {
  lacks: async () => null,
  install: async () => (await import('../../infra/bundled.ts')).bundledFunctions(),
};
const MINISTACK: Need = { lacks: python('3.11'), install: installMinistack };
const DISCOVERY: Need = { lacks: python('3.11'), install: installDiscovery };
const FOCUS: Need = { lacks: python('3.12', '3.13'), install: installFocusValidator };
const POSTGRES: Need = { lacks: python('3.11'), install: installPostgres };
const LIMITS: Need = {
  lacks: async () => (hasSharedData ? null : `${NO_SHARED_DATA} (limits of Slack)`),
  install: async () => undefined,
};

type Needs = Partial<Record<Project, readonly Need[]>>;

/** What each project needs beyond npm packages. */
const NEEDS: Needs = {
  moto: [MOTO],
  dynamodb: [DYNAMODB],
  slack: [LIMITS],
  pack: [FUNCTIONS],
  ministack: [FUNCTIONS, MINISTACK, LIMITS],
  readme: [MINISTACK, LIMITS],
  cfnlint: [
    FUNCTIONS,
    { lacks: python('3.11'), install: installCfnLint },
    { lacks: python('3.11'), install: installHcl },
  ],
  gcp: [DISCOVERY],
  postgres: [POSTGRES],
  focus: [FOCUS],
  journey: [MOTO, DYNAMODB, DISCOVERY, LIMITS],
  trino: [TRINO],
  bigquery: [BIGQUERY, QUICK_BIGQUERY, DISCOVERY, FOCUS],
  vendors: [{ lacks: async () => null, install: installPrism }],
  opensearch: [OPENSEARCH],
  milvus: [{ lacks: python('3.11'), install: installMilvus }],
  browser: [{ lacks: async () => null, install: unpackBrowser }],
};

export interface Installed {
  readonly ready: readonly Project[];
  /** Projects that this machine cannot run, with a line that says why. */
  readonly missing: readonly { readonly project: Project; readonly why: string; readonly files: number }[];
  /** Counterparts whose installation failed although the machine has what it takes: failures, never skips. */
  readonly failures: readonly string[];
}

/** Installs, one after the other, what the projects of this plan need. */
export async function installAll(
  projects: ReadonlyMap<Project, number>,
  needed: Needs = NEEDS,
): Promise<Installed> {
  const ready: Project[] = [];
  const missing: { project: Project; why: string; files: number }[] = [];
  const failures: string[] = [];
  for (const [project, files] of projects) {
    const needs = needed[project] ?? [];
    const lacks = (await Promise.all(needs.map((need) => need.lacks()))).filter((lack) => lack !== null);
    if (lacks.length > 0) {
      missing.push({
        project,
        files,
        why: `${files} files of project ${project}: ${[...new Set(lacks)].join('; ')}`,
      });
      continue;
    }
    try {
      for (const need of needs) await need.install();
      ready.push(project);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      progress(`project ${project} cannot be run: ${why}`);
      failures.push(`project ${project}: its counterpart could not be installed (${why.split('\n')[0]})`);
    }
  }
  return { ready, missing, failures };
}
