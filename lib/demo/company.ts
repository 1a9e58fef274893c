import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { asDelivered, type Bill, bills } from './bills.ts';
import { GCP_PROJECT, PAYER } from './cast.ts';
import { estate } from './estate.ts';
import { toCsv } from './rows.ts';
import { truth } from './truth.ts';

/** When the demo company is looked at unless `--now` says otherwise: a Monday morning. */
export const DEMO_NOW = '2026-11-16T08:00:00Z';
export const DEMO_SEED = 20261116;

/** Days before `now` at which the demo looks at the company: the counters of 36 days make an index provably unasked. */
export const VISITS = [36, 7, 0] as const;

/** Writes the bills as delivered `ago` days before `now`, one CSV a biller, and gives their paths by source. */
export async function writeBills(
  folder: string,
  seed: number,
  now: Date,
  ago: number,
): Promise<{ source: Bill['source']; path: string }[]> {
  const delivered = bills(seed, now).map((bill) => (ago === 0 ? bill : asDelivered(bill, now, ago)));
  return await writeDelivered(folder, delivered);
}

/** Writes bills as they stand, one CSV a biller, and gives their paths by source. */
export async function writeDelivered(
  folder: string,
  delivered: readonly Bill[],
): Promise<{ source: Bill['source']; path: string }[]> {
  await mkdir(folder, { recursive: true });
  return Promise.all(
    delivered.map(async ({ source, rows }) => {
      const path = join(folder, `${source}.csv`);
      await writeFile(path, toCsv(rows));
      return { source, path };
    }),
  );
}

/** Writes what must be found, and returns it. */
export async function writeTruth(path: string, seed: number, now: Date): Promise<void> {
  await writeFile(path, `${JSON.stringify(truth(seed, now, bills(seed, now)), null, 2)}\n`);
}

export { estate as asSeen };

/** The config that the demo runs with; written beside its state, so that every other command can use it. */
export const DEMO_CONFIG = `# The demo company's config. Ask it more with:
#   npm run -s bursar -- query "SELECT ServiceName, sum(EffectiveCost) AS usd FROM costs GROUP BY 1 ORDER BY 2 DESC" --config bursar-demo/bursar.yaml --state bursar-demo
schemaVersion: 1
organisation: { name: Acme AI, currency: USD, timezone: Europe/Berlin }
dimensions:
  # What has no tags is told by its project: a vendor's bill knows nothing else.
  team: [{ tag: team }, { project: { proj_assistant: support, proj_eval: research } }]
  environment: [{ tag: env }, { project: { proj_assistant: prod, proj_eval: research } }]
  product:
    - { profile: { assistant: assistant } }
    - { project: { proj_assistant: assistant, ${GCP_PROJECT}: visual search } }
    - { column: x_team, values: { search: catalogue search, vision: visual search } }
owners:
  tags: [owner]
  domains: [acme.example]
  accounts: { "${PAYER}": platform@acme.example }
  fallback: "#finops"
checks:
  untagged: { required: [owner, team, env] }
  unapproved-ai-service: { newWithin: 21d }
  tag-policy:
    allowed:
      env: [prod, staging, research, ci]
      team: [research, search, support, platform, vision]
budgets:
  - { name: everything, amount: { USD: "60000" } }
  - { name: research, amount: { USD: "27000" }, where: { team: research }, owner: research-gpu@acme.example }
  - { name: model APIs, amount: { USD: "10000" }, where: { aiClass: model API } }
`;

/**
 * What the company lets Bursar do from `now` on, added to its config for the week that the demo plays. The first
 * rule that matches wins.
 */
export const DEMO_POLICIES = `policies:
  # Idle GPUs of research are stopped, two working days after their owner was told and did not answer.
  - { check: idle-gpu, where: { environment: research }, mode: stop, grace: 2 business days }
  # What the search team leaves idle, too. Production is only ever stopped by a rule that names it.
  - { check: idle-gpu, where: { team: search, environment: prod }, mode: stop, grace: 2 business days }
  # The rest as well; but what nobody owns is only offered, whatever its rule says.
  - { check: idle-gpu, mode: stop, grace: 2 business days }
`;
