import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { asDelivered, bills } from '../../lib/demo/bills.ts';
import { asSeen, DEMO_NOW, DEMO_SEED, VISITS, writeBills } from '../../lib/demo/company.ts';
import { type Message, messageFiles } from '../../lib/demo/slack.ts';
import { timeline } from '../../lib/demo/timeline.ts';
import { type Truth, truth } from '../../lib/demo/truth.ts';
import type { DigestContent } from '../../lib/digest/content-model.ts';
import { digestHtml } from '../../lib/digest/html.ts';
import { Decimal, decimal, decimalText } from '../../lib/focus/decimal.ts';
import type { AuditRecord, FindingRecord } from '../../lib/ledger/model.ts';
import { UNTOLD } from '../../lib/ledger/saving-lines.ts';
import { DATASET_PERMISSIONS } from '../../lib/run/assemble/datasets.ts';
import { assembleDemo } from '../../lib/run/assemble/demo.ts';
import { assembleWeek } from '../../lib/run/assemble/demo-week.ts';
import { openLocal } from '../../lib/run/assemble/local.ts';
import { playWeek } from '../../lib/run/demo-week.ts';
import { explain } from '../../lib/run/explain.ts';
import { forecastReport } from '../../lib/run/forecast.ts';
import { pageScript } from '../../lib/run/page-script.ts';
import type { WholeAudit } from '../../lib/run/whole.ts';
import { QUIET } from '../run/auditor.ts';
import { type DemoDigest, demoDigest } from '../run/demo-digest.ts';
import { spentNumbers } from '../run/digest-numbers.ts';
import { outlookNumbers } from '../run/digest-outlook-numbers.ts';
import { variantNumbers } from '../run/digest-variants.ts';

const NOW = new Date(DEMO_NOW);

function inOrder<T extends { check: string; resourceId: string }>(each: readonly T[]): T[] {
  return each.toSorted((a, b) => (`${a.check} ${a.resourceId}` < `${b.check} ${b.resourceId}` ? -1 : 1));
}

describe('the made-up company', () => {
  it('is the same byte for byte for the same seed, and another for another', async () => {
    const written = async (seed: number) => {
      const folder = await mkdtemp(join(tmpdir(), 'bursar-company-'));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      const paths = await writeBills(folder, seed, NOW, 0);
      return await Promise.all(paths.map(async ({ path }) => await readFile(path, 'utf8')));
    };
    const [once, again, other] = [await written(DEMO_SEED), await written(DEMO_SEED), await written(7)];
    expect(again).toEqual(once);
    expect(other).not.toEqual(once);
    expect(JSON.stringify(asSeen(DEMO_SEED, NOW))).toBe(JSON.stringify(asSeen(DEMO_SEED, NOW)));
    expect(JSON.stringify(asSeen(7, NOW))).not.toBe(JSON.stringify(asSeen(DEMO_SEED, NOW)));
  });

  it('has credits, refunds, taxes, a commitment used and unused, three billers and 90 days', () => {
    const rows = bills(DEMO_SEED, NOW).flatMap((bill) => bill.rows);
    const some = (column: 'ChargeCategory' | 'ChargeClass' | 'CommitmentDiscountStatus' | 'ProviderName') =>
      [...new Set(rows.flatMap((row) => row[column] || []))].toSorted();
    expect(some('ProviderName')).toEqual(['AWS', 'Google Cloud', 'OpenAI']);
    expect(some('ChargeCategory')).toEqual(['Credit', 'Purchase', 'Tax', 'Usage']);
    expect(some('ChargeClass')).toEqual(['Correction']);
    expect(some('CommitmentDiscountStatus')).toEqual(['Unused', 'Used']);
    const days = new Set(rows.map(({ ChargePeriodStart }) => ChargePeriodStart));
    expect(days.size).toBeGreaterThanOrEqual(90);
    expect(rows.some(({ BilledCost }) => BilledCost?.startsWith('-'))).toBe(true);
  });

  it('what a savings plan pays equals what is used and unused of it', () => {
    const plan = bills(DEMO_SEED, NOW)
      .flatMap(({ rows }) => rows)
      .filter(({ CommitmentDiscountId }) => CommitmentDiscountId);
    const sum = (column: 'BilledCost' | 'EffectiveCost') =>
      decimalText(plan.reduce((total, row) => total.plus(row[column] ?? '0'), new Decimal(0)));
    expect(sum('EffectiveCost')).toBe(sum('BilledCost'));
  });

  it('bills of an earlier day hold nothing of later days, and less of the former month', () => {
    for (const bill of bills(DEMO_SEED, NOW)) {
      const earlier = asDelivered(bill, NOW, 36);
      expect(earlier.rows.length).toBeLessThan(bill.rows.length);
      expect(
        earlier.rows.every(({ ChargePeriodEnd }) => (ChargePeriodEnd ?? '') <= '2026-10-11T00:00:00Z'),
      ).toBe(true);
    }
  });
});

function sumOf(amounts: readonly string[]): string {
  return decimalText(amounts.reduce((sum, amount) => sum.plus(amount), new Decimal(0)));
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The demo of today, made once: what the audits left is what the week is played on. */
let today: DemoDigest;

beforeAll(async () => {
  today = await demoDigest();
  return () => rm(today.folder, { recursive: true, force: true });
}, 400_000);

describe('the audit of the company', () => {
  let folder: string;
  let last: WholeAudit;
  let content: DigestContent;
  let expected: Truth;

  beforeAll(async () => {
    ({ folder, last, content } = today);
    expected = JSON.parse(await readFile(join(folder, 'truth.json'), 'utf8'));
  });

  it('finds what the truth says, to the cent, and nothing else', () => {
    const found = last.result.findings.map(({ check, resourceId, verdict, monthlyCost, monthlySaving }) => ({
      check,
      resourceId,
      verdict,
      monthlyCost: monthlyCost?.amount ?? null,
      monthlySaving: monthlySaving?.amount ?? null,
    }));
    expect(inOrder(found)).toEqual(inOrder(expected.findings));
  });

  it('adds up by provider, currency and month as the truth does', async () => {
    const { lake, ledger } = await openLocal(folder, {});
    try {
      const { rows } = await lake.query(
        `SELECT ProviderName AS provider, BillingCurrency AS currency, strftime(BillingPeriodStart, '%Y-%m') AS month,
           sum(BilledCost) AS billed, sum(EffectiveCost) AS effective, count(*)::INTEGER AS rows
         FROM costs GROUP BY ALL ORDER BY ALL`,
        null,
      );
      expect(
        rows.map(({ billed, effective, ...row }) => ({
          ...row,
          billed: decimalText(decimal(String(billed))),
          effective: decimalText(decimal(String(effective))),
        })),
      ).toEqual(expected.totals);
    } finally {
      await lake[Symbol.asyncDispose]();
      await ledger.close();
    }
  });

  it('explains every finding: its series, its saving line by line, what was asked, and what would change it', async () => {
    const { lake, ledger } = await openLocal(folder, {});
    try {
      for (const { id, monthlySaving, evidence } of last.result.findings) {
        const [told] = await explain({ lake, ledger, checks: {} }, DATASET_PERMISSIONS, id);
        expect({
          id,
          changes: told?.wouldChange.length,
          asked: told?.asked.length,
          calls: told?.asked.map(({ calls }) => calls.length > 0),
          untold: told?.saving.some(({ what }) => what === UNTOLD),
          saving: told?.saving.at(-1)?.amount ?? null,
          series: (told?.series.length ?? 0) > 0,
        }).toEqual({
          id,
          changes: expect.toSatisfy((count: number) => count > 0),
          asked: expect.toSatisfy((count: number) => count > 0),
          // A database is read by a login: that is no call of a cloud.
          calls: told?.asked.map(({ scope, dataset }) => dataset !== null && !scope.startsWith('store:')),
          untold: false,
          saving: monthlySaving?.amount ?? null,
          series: evidence.some(({ name }) => name.startsWith('samples of ')),
        });
      }
    } finally {
      await lake[Symbol.asyncDispose]();
      await ledger.close();
    }
  });

  it('tells the month that was restated: what it was, and what it is', () => {
    const restated = last.collected
      .flatMap(({ ingest }) => ingest ?? [])
      .flatMap(({ sourceId, periods }) => periods.map((period) => ({ sourceId, ...period })))
      .filter(({ sourceId, period }) => sourceId === 'aws' && period === '2026-11');
    expect(restated).toMatchObject([{ former: [{ provider: 'AWS', currency: 'USD' }] }]);
    const [{ former, totals } = { former: null, totals: [] }] = restated;
    expect(decimal(former?.[0]?.effective ?? '0').lessThan(totals[0]?.effective ?? '0')).toBe(true);
  });

  it('resolved the machine that is gone, once, and shows it', () => {
    expect(last.recorded.resolved).toMatchObject([{ resourceName: 'ci-gpu-runner', check: 'idle-gpu' }]);
    expect(last.recorded.conflicts).toEqual([]);
    expect(JSON.stringify(content)).toContain('ci-gpu-runner');
  });

  it('parts on its page the very spend that the digest tells, AI spend alike, to the last digit', () => {
    const { spend, ai, findings } = today.detail;
    for (const { currency, current } of content.spend)
      expect(
        sumOf((spend?.rows ?? []).filter((row) => row.currency === currency).map((row) => row.effective)),
      ).toBe(current);
    const parted = ai.flatMap(({ id, tables }) =>
      ['ai-kind', 'ai-team', 'ai-product', 'ai-environment'].includes(id)
        ? tables.map(({ rows }) => sumOf(rows.map((row) => row.at(-1) ?? '0')))
        : [],
    );
    const kinds = ai
      .find(({ id }) => id === 'ai-kind')
      ?.tables.flatMap(({ rows }) => rows.map(([kind]) => kind));
    expect(kinds).toEqual(expect.arrayContaining(['GPU compute', 'model API', 'inference', 'training']));
    expect(parted).toHaveLength(4);
    expect(new Set(parted).size).toBe(1);
    expect([...findings.keys()].toSorted(byText)).toEqual(
      content.findings.map(({ findingId }) => findingId).toSorted(byText),
    );
    expect([...findings.values()].filter(({ history }) => (history ?? []).length === 0)).toEqual([]);
  });

  it('has a report page that draws, within two megabytes, and tells what the commands tell', async () => {
    const page = digestHtml(content, { script: await pageScript(), detail: today.detail });
    expect(Buffer.byteLength(page)).toBeLessThan(2_000_000);
    // Calls of Amazon Bedrock as the look at its account counted them.
    const uses = today.detail.ai.find(({ id }) => id === 'ai-usage')?.tables[0]?.rows ?? [];
    expect(uses.find(([, model]) => model === 'example.chat-v1:0')).toMatchObject({
      0: 'aws',
      2: '333344445555',
      5: '1960',
      6: '240',
    });
    const { lake, ledger } = await openLocal(folder, {});
    try {
      const { totals } = await forecastReport({ lake }, { by: [], sources: null }, {}, NOW);
      expect(content.forecast.map(({ month }) => month)).toEqual(totals.map(({ periods }) => periods[0]));
      // What the days that are shown add up to is the month's own sum.
      for (const { settled, month } of content.forecast) {
        const days = settled.filter(({ day }) => day >= (month?.start ?? '').slice(0, 10));
        const sum = days.reduce((all, { amount }) => all.plus(amount ?? '0'), new Decimal(0));
        expect(decimalText(sum)).toBe(month?.actual.amount);
      }
    } finally {
      await lake[Symbol.asyncDispose]();
      await ledger.close();
    }
    // Behind them are those that the numbers below are of.
    expect(content.budgets.slice(0, 3).map(({ name, outlook }) => [name, outlook !== null])).toEqual([
      ['everything', true],
      ['research', true],
      ['model APIs', true],
    ]);
    expect(content.month[0]?.budget).toMatchObject({ name: 'everything', limit: { amount: '60000' } });
    expect(today.detail.ai.find(({ id }) => id === 'ai-forecast')).toMatchObject({ connect: null });
    expect(content.movers.filter(({ why }) => why === null)).toEqual([]);
    expect(content.aiDrivers.length).toBe(5);
    expect(content.anomalies?.lines.map(({ what }) => what[0])).toContain('AWS Data Transfer');
    expect(content.commitments?.coverage.map(({ kind }) => kind)).toContain('aws-compute');
  });

  it('has a past: what was idle at the first look is known since then', () => {
    const first = new Date(NOW.getTime() - VISITS[0] * 86_400_000).toISOString();
    const old = last.result.findings.find(
      ({ resourceName, check }) => resourceName === 'lost-experiment' && check === 'idle-gpu',
    );
    expect(old).toMatchObject({ firstSeen: first, lastSeen: NOW.toISOString() });
  });

  it('read every scope completely and called nobody', () => {
    expect(last.result.coverage.filter(({ status }) => status !== 'complete')).toEqual([]);
    expect(last.result.ownCost).toEqual({ amount: '0', currency: 'USD', calls: [] });
  });
});

describe('what was spent and what is wasted, from the files of the bills', () => {
  spentNumbers(() => today);
});
describe('what is expected, from the files of the bills', () => {
  outlookNumbers(() => today);
});
describe('digests of other periods and for others', () => {
  variantNumbers(() => today);
});

/** The week is played on what the audits above have left. */
describe('the week after', () => {
  let folder: string;
  let played: Awaited<ReturnType<typeof playWeek>>;
  let messages: readonly Message[];
  const records = new Map<string, FindingRecord>();
  const trails = new Map<string, readonly AuditRecord[]>();

  beforeAll(async () => {
    folder = today.folder;
    await using week = await assembleWeek(folder, DEMO_SEED, NOW);
    played = await playWeek(week, QUIET);
    messages = week.slack.messages;
    for await (const record of week.sweep.ledger.all()) {
      const { check, id, resourceName } = record.finding;
      if (check !== 'idle-gpu') continue;
      records.set(resourceName ?? '', record);
      trails.set(resourceName ?? '', await week.sweep.ledger.history(id));
    }
  });

  const trail = (name: string) => trails.get(name) ?? [];
  const states = (name: string) => trail(name).map(({ to }) => to);

  it('silence leads to the stop of what its owner was told of, two working days later', () => {
    expect(records.get('ablation-old')?.finding.state).toBe('STOPPED');
    const warned = trail('ablation-old').find(({ to }) => to === 'WARNED')?.at ?? '';
    const stopping = trail('ablation-old').find(({ to }) => to === 'STOPPING')?.at ?? '';
    expect(warned).toBe('2026-11-16T08:15:00.000Z');
    expect(stopping).toBe('2026-11-18T08:15:00.000Z');
  });

  it('what carries do-not-stop is acknowledged, held back and never stopped', () => {
    expect(states('notebook-keep')).toContain('ACKNOWLEDGED');
    expect(states('notebook-keep')).toContain('BLOCKED');
    expect(states('notebook-keep')).not.toContain('STOPPING');
    expect(trail('notebook-keep').map(({ reason }) => reason)).toContainEqual(
      expect.stringContaining('do-not-stop'),
    );
  });

  it('what nobody owns is offered in the channel and runs on', () => {
    const life = records.get('lost-experiment')?.life;
    expect(life?.notice?.recipient).toMatchObject({ kind: 'channel', person: null });
    expect(life?.policy.mode).toBe('stop');
    expect(records.get('lost-experiment')?.finding.dueAt).toBeNull();
    expect(states('lost-experiment')).not.toContain('STOPPING');
  });

  it('what its owner wants back runs again, and the trail says who', () => {
    expect(states('search-embed-2').slice(-5)).toEqual([
      'STOPPING',
      'STOPPED',
      'UNDO_REQUESTED',
      'STARTING',
      'RESTORED',
    ]);
    expect(trail('search-embed-2').find(({ to }) => to === 'UNDO_REQUESTED')?.actor).toBe(
      'slack:T0ACME:U0SEARCH',
    );
  });

  it('what became idle meanwhile is warned of and kept by its owner', () => {
    expect(states('ablation-new')).toContain('WARNED');
    expect(records.get('ablation-new')?.finding.state).toBe('SNOOZED');
  });

  it('the bills of the week say what the stops saved: nothing where a plan was paid anyway', () => {
    const stopped = records.get('ablation-old')?.life?.stopped?.at ?? '';
    const hours = (Date.parse('2026-11-23T00:00:00Z') - Date.parse(stopped)) / 3_600_000;
    const wanted = new Decimal('5.67').times(hours).toFixed(2);
    expect(played.content.savings).toMatchObject({ stops: 2, unbilled: 0 });
    const [saved] = played.content.savings?.realised ?? [];
    const [estimated] = played.content.savings?.estimated ?? [];
    expect(decimal(saved?.amount ?? '0').toFixed(2)).toBe(wanted);
    expect(decimal(estimated?.amount ?? '0').toFixed(2)).toBe(wanted);
  });

  it('what was stopped or brought back is no waste of the digest any more', () => {
    const gpus = played.content.figures.find(({ id }) => id === 'idle-gpu');
    expect(gpus).toMatchObject({ count: 3 });
    expect(JSON.stringify(played.content.wastes)).toContain('lost-experiment');
    expect(JSON.stringify(played.content.wastes)).not.toMatch(/ablation-old|search-embed-2/);
  });

  it('tells each owner of their own alone', () => {
    const of = (user: string) => JSON.stringify(messages.filter((message) => message.user === user));
    expect(of('U0RESEARCH')).not.toContain('search-embed-2');
    expect(of('U0SEARCH')).not.toMatch(/ablation|notebook/);
    expect([...new Set(messages.map(({ user }) => user))]).toEqual([
      null,
      'U0RESEARCH',
      'U0SEARCH',
      'U0SUPPORT',
    ]);
    expect(of('U0SUPPORT')).not.toMatch(/ablation|notebook|search/);
    // What nothing measures is told since the policy names the check, and nothing follows from silence.
    expect(of('U0SUPPORT')).toContain('however long you do not answer');
    expect(messageFiles(messages).map(([name]) => name)).toContain('01-C0FINOPS.json');
  });

  it('tells the week in order, each thing once', () => {
    const lines = timeline(played.happened, 'Europe/Berlin');
    expect(new Set(lines).size).toBe(lines.length);
    const at = (line: string) => lines.findIndex((each) => each.startsWith(line));
    const story = [
      'Mon 09:15  warned        ablation-old, notebook-keep',
      'Mon 09:15  warned        ablation-new, sweep-hyper-2: research-gpu@acme.example was told',
      'Mon 14:20  acknowledged  notebook-keep',
      'Wed 09:15  stopped       ablation-old after a fresh look, $4,082',
      'Thu 10:12  undo pressed  search-embed-2',
      'Thu 10:15  runs again    search-embed-2',
      'Sat 06:00  warned        ablation-new: research-gpu@acme.example was told; stopped not before',
      'Mon 08:20  kept          ablation-new for 7 days',
    ].map(at);
    expect(story).not.toContain(-1);
    expect(story).toEqual(story.toSorted((a, b) => a - b));
    expect(lines.filter((line) => line.includes('notebook-keep: it carries the tag'))).toHaveLength(1);
  });

  it('somebody who claims in the channel what nobody owns is warned of it, and their silence stops it', async () => {
    await rm(join(folder, 'week'), { recursive: true });
    await using week = await assembleWeek(folder, DEMO_SEED, NOW);
    const claim = {
      user: 'U0RESEARCH',
      resource: 'lost-experiment',
      action: 'claim',
      choice: null,
      minutes: 40,
    } as const;
    // The silence ends on Wednesday; the rest of the week is as above.
    const end = new Date(NOW.getTime() + 3 * 86_400_000);
    const { happened } = await playWeek({ ...week, end, answers: [...week.answers, claim] }, QUIET);
    const { finding, life } = records.get('lost-experiment') ?? {};
    const claimed = await week.sweep.ledger.get(finding?.id ?? '');
    expect(life?.notice?.recipient.kind).toBe('channel');
    expect(claimed?.life?.notice?.recipient).toMatchObject({ kind: 'owner', person: { user: 'U0RESEARCH' } });
    const history = await week.sweep.ledger.history(finding?.id ?? '');
    const pressed = history.findIndex(({ actor }) => actor === 'slack:T0ACME:U0RESEARCH');
    expect(history.slice(pressed).map(({ from, to }) => `${from} ${to}`)).toEqual([
      'WARNED NOTIFY_PENDING',
      'NOTIFY_PENDING WARNED',
      'WARNED WARNED',
      'WARNED WARNED',
      'WARNED STOPPING',
      'STOPPING STOPPED',
    ]);
    const [, warned] = history.slice(pressed);
    // Two working days after the claimant was warned, and not after the channel was.
    expect(Date.parse(history.at(-1)?.at ?? '') - Date.parse(warned?.at ?? '')).toBeGreaterThanOrEqual(
      48 * 3_600_000,
    );
    expect(timeline(happened, 'Europe/Berlin').join('\n')).toMatch(/claimed +lost-experiment/);
  });

  it('leaves what was audited today as it was', async () => {
    const { lake, ledger } = await openLocal(folder, {});
    try {
      const found = new Set<string>();
      for await (const { finding } of ledger.all()) found.add(finding.state);
      expect([...found].toSorted()).toEqual(['DETECTED', 'RESOLVED']);
    } finally {
      await lake[Symbol.asyncDispose]();
      await ledger.close();
    }
  });
});

describe('where a demo lies', () => {
  it('a folder that holds something else is refused and left alone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bursar-foreign-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, 'thesis.txt'), 'years of work');
    const visits = assembleDemo(folder, DEMO_SEED, NOW, QUIET);
    await expect(visits.next()).rejects.toMatchObject({ code: 'input', where: folder });
    expect(await readdir(folder)).toEqual(['thesis.txt']);
  });

  it('a demo of before is made anew', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bursar-again-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, '.bursar-demo'), '');
    await writeFile(join(folder, 'digest.txt'), 'of last year');
    const visits = assembleDemo(folder, DEMO_SEED, NOW, QUIET);
    await visits.next();
    await visits.return(undefined);
    expect(await readdir(folder)).not.toContain('digest.txt');
    expect(await readdir(folder)).toContain('truth.json');
  });

  it('its truth is written from the cast, with no finding twice', () => {
    const { findings, totals } = truth(DEMO_SEED, NOW, bills(DEMO_SEED, NOW));
    expect(new Set(findings.map(({ check, resourceId }) => `${check} ${resourceId}`)).size).toBe(
      findings.length,
    );
    expect(totals.map(({ provider, currency }) => `${provider} ${currency}`)).toContain('AWS USD');
  });
});
