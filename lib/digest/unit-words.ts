import type { AiUseLine, UnitLine } from './content-model.ts';
import type { Format } from './format.ts';
import type { InsightUnitChange } from './insight-model.ts';
import { plain } from './names.ts';
import { untilOf } from './words.ts';

/** `$1.23 per order ($1,230 for 1,000), +4% in four weeks; spike of quality ...`; or why there is no number. */
export function unitFact(
  { per, currency, total, trend, changes, problems }: UnitLine,
  format: Format,
): string {
  const counted = plain(per, 40);
  const without = total === null ? 0 : total.daysWithoutUnits + total.daysWithoutCost;
  const cost =
    total === null || total.perUnit === null || currency === null
      ? `cost per ${counted} is unknown`
      : `${format.rate({ amount: total.perUnit, currency })} per ${counted} (${format.money({ amount: total.cost, currency })} for ${format.number(total.units)})`;
  return [
    `${cost}${trend === null ? '' : `, ${format.percent(trend, true)} in four weeks`}`,
    ...(total === null || without === 0
      ? []
      : [
          `days left out: ${[
            ...(total.daysWithoutUnits === 0
              ? []
              : [`${format.count(total.daysWithoutUnits)} without units`]),
            ...(total.daysWithoutCost === 0
              ? []
              : [`${format.count(total.daysWithoutCost)} without settled cost`]),
          ].join(', ')}`,
        ]),
    ...changes.map((change) => changeFact(change, counted, currency, format)),
    ...problems.map((problem) => `missing: ${plain(problem, 200).replace(/\.$/, '')}`),
  ].join('; ');
}

/** `step up of cost per order for the worse since Nov 3, $2.10 a day where $1.20 was expected, still off; owner ana` */
function changeFact(
  { of, kind, first, actual, expected, worse, open, owner, alert }: InsightUnitChange,
  per: string,
  currency: string | null,
  format: Format,
): string {
  const isCost = of === 'cost';
  const value = (number: number) =>
    isCost && currency !== null
      ? format.rate({ amount: String(number), currency })
      : format.number(String(number));
  return [
    `${kind} of ${isCost ? `cost per ${per}` : of} ${worse ? 'for the worse' : 'for the better'}, ${open ? 'since' : 'from'} ${format.day(first)}`,
    `${value(actual)} a day where ${value(expected)} was expected`,
    open ? 'still off' : 'over',
    ...(alert === null || alert.state === 'open' || alert.state === 'closed'
      ? []
      : [`${alert.state}${untilOf(alert)}`]),
    ...(owner === null ? [] : [`owner ${plain(owner.id, 40)}`]),
  ].join(', ');
}

/** `gpt-5, proj_assistant`; of a profile or throughput that is called by its ARN, its id */
export function aiUseName({ model, project, key }: AiUseLine): string {
  return [model?.replace(/^arn:[^/]*\/(?=.)/, '') ?? 'all models', project, key]
    .filter((part) => part !== null && part !== '')
    .map((part) => plain(part ?? '', 40))
    .join(', ');
}

/** `12,300 requests (+5% a day), 1,204 tokens in and 310 out each, 40% from cache; $0.0021 each (+12%), $26 in all` */
export function aiUseFact({ current, change, currency }: AiUseLine, format: Format): string {
  const { requests, inputPerRequest, outputPerRequest, cachedShare, errorShare, cost, costPerRequest } =
    current;
  const moved = (percent: string | null, what = '') =>
    percent === null ? '' : ` (${format.percent(percent, true)}${what})`;
  const tokens = (text: string) => format.count(Math.round(Number(text)));
  const share = (of: { readonly low: string; readonly high: string }) =>
    of.low === of.high ? format.percent(of.high) : `${format.percent(of.low)} to ${format.percent(of.high)}`;
  return [
    [
      requests === null
        ? 'requests are not told'
        : `${format.number(requests)} ${requests === '1' ? 'request' : 'requests'}${moved(change.requestsPerDay, ' a day')}`,
      ...(inputPerRequest === null
        ? []
        : [`${tokens(inputPerRequest)} tokens in${moved(change.inputPerRequest)} each`]),
      ...(outputPerRequest === null
        ? []
        : [`${tokens(outputPerRequest)} out${moved(change.outputPerRequest)} each`]),
      ...(cachedShare === null ? [] : [`${share(cachedShare)} from cache`]),
      ...(errorShare === null ? [] : [`${share(errorShare)} failed`]),
    ].join(', '),
    ...(cost === null || currency === null
      ? ['cost is not told']
      : [
          [
            ...(costPerRequest === null
              ? []
              : [`${format.rate({ amount: costPerRequest, currency })} each${moved(change.costPerRequest)}`]),
            `${format.money({ amount: cost, currency })} in all`,
          ].join(', '),
        ]),
  ].join('; ');
}
