import type { DigestContent } from '../../digest/content-model.ts';
import type { AiPanel } from '../../digest/detail-model.ts';
import { AI_SPEND } from '../../focus/ai/model.ts';
import { type SpendPart, spendByName, whereParam } from '../../lake/queries/spend-by.ts';
import type { Auditor } from '../auditor.ts';
import { dailySeries, summed } from '../daily-series.ts';
import { efficiencyReport } from '../efficiency.ts';
import { periodOf, periodsOf, toldOf } from '../forecast.ts';
import { unitReport } from '../units.ts';
import { type AiFacts, type AiForecast, aiPanels } from './ai-panels.ts';
import { AI_AXES } from './ai-spend.ts';

/** Reads what the AI view tells, over the period of the digest. */
export async function aiView(
  auditor: Auditor,
  content: DigestContent,
  sources: readonly string[] | null,
  now: Date,
): Promise<AiPanel[]> {
  const { lake } = auditor;
  const { period } = content;
  const name = spendByName({ by: AI_AXES, where: ['ai_class'] });
  const classes = JSON.stringify(AI_SPEND);
  const facts: AiFacts = {
    period,
    spend: await lake.ask<SpendPart>(name, { ...period, [whereParam('ai_class')]: classes }, sources),
    spendSource: `bills: EffectiveCost of AI classes, ${period.start}/${period.end}`,
    usage: await efficiencyReport(auditor, null, sources, now),
    units: await unitReport(
      auditor,
      {
        units: auditor.units?.(sources) ?? [],
        dimensions: auditor.terms.dimensions,
        grain: 'week',
        window: period,
        savings: true,
        sources,
      },
      now,
      auditor.asking,
    ),
    looks: (await Promise.all((await lake.scopes()).map((scope) => lake.snapshots(scope, 1)))).flat(),
    forecasts: await forecasts(auditor, sources, now),
    budgets: content.budgets,
    aiBudgets: new Set(
      (auditor.alerts?.budgets ?? [])
        .filter(({ where }) => Object.keys(where ?? {}).some((key) => key === 'aiClass' || key === 'model'))
        .map(({ name: budget }) => budget),
    ),
    now: now.toISOString(),
  };
  return aiPanels(facts);
}

/** What AI spend of the running month will be, by currency. */
async function forecasts(
  { lake }: Pick<Auditor, 'lake'>,
  sources: readonly string[] | null,
  now: Date,
): Promise<AiForecast[]> {
  const series = await dailySeries(lake, [], { ai_class: AI_SPEND }, sources, now);
  const [month] = periodsOf(now);
  return [...Map.groupBy(series, ({ currency }) => currency).values()].flatMap((parts): AiForecast[] => {
    const whole = summed(parts);
    if (whole === null || month === undefined) return [];
    const told = toldOf(whole, {}, now);
    if ('notEnough' in told)
      return [{ currency: whole.currency, month: null, until: whole.end, notEnough: told.reason }];
    const [sum] = told.sums;
    if (sum === undefined) return [];
    return [
      {
        currency: whole.currency,
        month: periodOf(month, sum, whole, told.measured),
        until: whole.end,
        notEnough: null,
      },
    ];
  });
}
