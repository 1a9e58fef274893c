import { dayPlus } from '../../analysis/units/days.ts';
import { BUSY_PERCENT, type GpuHours, gpuHours, gpuTotal } from '../../analysis/units/gpu-hours.ts';
import { devicesOf } from '../../checks/gpu-readings.ts';
import { machinesUnder } from '../../checks/machine-under.ts';
import { type Resource, type Snapshot, scopeName, type Telemetry } from '../../estate/model.ts';
import { Decimal, decimal, decimalText } from '../../focus/decimal.ts';
import type { Lake } from '../../lake/model.ts';
import type { MachineDay } from '../../lake/queries/machine-hours.ts';
import type { DaySpan } from '../../sources/metrics/model.ts';
import type { Auditor } from '../auditor.ts';
import { freshness } from '../freshness.ts';

const DAY = 86_400_000;
/** Days that telemetry of accelerators is collected over: 168 hours, by every collector. */
const TELEMETRY_DAYS = 7;
/** A look that is older says nothing of now. */
const OLDEST_DAYS = 14;

/** What is billed by the hour under its own id: by AWS of each instance, by Google of each of its devices. */
const BY_THE_HOUR: ReadonlySet<string> = new Set([
  'aws:ec2:instance',
  'gcp:compute:instance',
  'aws:sagemaker:endpoint',
  'aws:sagemaker:notebook-instance',
]);

export interface GpuMachineRow extends GpuHours {
  readonly resourceId: string;
  readonly name: string | null;
  readonly devices: number;
  readonly currency: string;
}

/** Machines that the figures leave out, and why. */
export interface GpuLeftOut {
  readonly resourceId: string;
  readonly why: string;
  /** What the bill charges for it in the window, decimal text; null where it charges nothing. */
  readonly cost: { readonly amount: string; readonly currency: string } | null;
}

/** Accelerator hours that were paid, used and not observed. */
export interface GpuReport {
  /** UTC days that both the bills and telemetry speak of, half-open; null where there are none. */
  readonly window: DaySpan | null;
  /** Percent of compute from which a device is busy. */
  readonly busyPercent: number;
  /** By currency. */
  readonly totals: readonly (GpuHours & { readonly currency: string; readonly machines: number })[];
  /** What is not observed for the most money first. */
  readonly machines: readonly GpuMachineRow[];
  readonly leftOut: readonly GpuLeftOut[];
  /** Why there are no figures; null where there are. */
  readonly why: string | null;
}

/** Hours of accelerators on the bill beside what telemetry of the newest look at each scope tells of them. */
export async function gpuReport(
  { lake, checks }: Pick<Auditor, 'lake' | 'checks'>,
  sources: readonly string[] | null,
  now: Date,
): Promise<GpuReport> {
  const busyPercent = busyOf(checks['idle-gpu']);
  const none = (why: string): GpuReport => ({
    window: null,
    busyPercent,
    totals: [],
    machines: [],
    leftOut: [],
    why,
  });
  const looks = await recentLooks(lake, now);
  const resources = looks.flatMap((look) => look.resources);
  const inside = machinesUnder(resources);
  const accelerated = resources.filter(
    ({ id, accelerators, type }) =>
      accelerators.length > 0 && type !== 'gcp:container:node-pool' && !inside.has(id),
  );
  const gpus = accelerated.filter(({ type }) => BY_THE_HOUR.has(type));
  const others = accelerated.filter(({ type }) => !BY_THE_HOUR.has(type));
  const settled = new Map(
    (await freshness(lake, sources)).map(({ source, end, unsettledFrom }) => [
      source,
      [end.slice(0, 10), unsettledFrom ?? '9999-12-31'].toSorted()[0] ?? '',
    ]),
  );
  const window = windowOf(looks, [...settled.values()]);
  if (window === null)
    return none(
      looks.length === 0
        ? 'No account was looked at within two weeks: run bursar audit.'
        : 'No machine with accelerators was found, or no whole day is both settled on a bill and within the week of telemetry.',
    );
  const asked = { start: `${window.start}T00:00:00.000Z`, end: `${window.end}T00:00:00.000Z` };
  const hours = [
    ...(await lake.ask<MachineDay>('machine-hours', asked, sources)).filter(
      ({ provider }) => provider !== 'gcp',
    ),
    ...(await lake.ask<MachineDay>('gce-gpu-hours', asked, sources)),
  ];
  const days = hours.filter(({ source, day }) => day < (settled.get(source) ?? ''));
  const telemetry = Map.groupBy(
    looks.flatMap((look) => look.telemetry),
    ({ resourceId }) => resourceId,
  );
  const billed = Map.groupBy(days, ({ provider, resourceId }) => keyOf(provider, resourceId));
  const machines = gpus.flatMap((machine) => {
    const own = billed.get(keyOf(machine.provider, machine.id));
    const perHour = devicesAnHour(machine);
    return own === undefined || perHour === null
      ? []
      : rowsOf(machine, perHour, own, telemetry.get(machine.id) ?? [], window, busyPercent);
  });
  return {
    window,
    busyPercent,
    totals: [...Map.groupBy(machines, ({ currency }) => currency)].map(([currency, own]) => ({
      currency,
      machines: own.length,
      ...gpuTotal(own),
    })),
    machines: machines.toSorted(
      (a, b) =>
        new Decimal(b.unobservedCost).comparedTo(a.unobservedCost) || (a.resourceId < b.resourceId ? -1 : 1),
    ),
    leftOut: [...leftOut(gpus, others, billed), ...notSeen(days, gpus)],
    why: null,
  };
}

function rowsOf(
  machine: Resource,
  perHour: number,
  own: readonly MachineDay[],
  telemetry: readonly Telemetry[],
  window: DaySpan,
  busyPercent: number,
): GpuMachineRow[] {
  const devices = devicesOf(machine);
  return [...Map.groupBy(own, ({ currency }) => currency)].map(([currency, days]) => {
    const billed = new Map<string, { hours: Decimal; cost: Decimal }>();
    for (const { day, hours, effective } of days) {
      const before = billed.get(day) ?? { hours: new Decimal(0), cost: new Decimal(0) };
      billed.set(day, { hours: before.hours.plus(hours), cost: before.cost.plus(effective) });
    }
    return {
      resourceId: machine.id,
      name: machine.name,
      devices,
      currency,
      ...gpuHours({ id: machine.id, devices, perHour, currency, billed, telemetry }, window, busyPercent),
    };
  });
}

function leftOut(
  gpus: readonly Resource[],
  others: readonly Resource[],
  billed: ReadonlyMap<string, readonly MachineDay[]>,
): GpuLeftOut[] {
  return [
    ...gpus.flatMap((machine): GpuLeftOut[] => {
      const { id, provider } = machine;
      const own = billed.get(keyOf(provider, id));
      if (own === undefined)
        return [{ resourceId: id, why: 'No bill charges hours of it in these days.', cost: null }];
      return devicesAnHour(machine) === null ? [{ resourceId: id, why: MIXED, cost: costOf(own) }] : [];
    }),
    ...others.map(({ id, provider }) => ({
      resourceId: id,
      why: 'Its bill does not count hours of the machine, so that paid hours are not known.',
      cost: costOf(billed.get(keyOf(provider, id)) ?? []),
    })),
  ];
}

/** Machines with accelerators on the bill that no look has found: gone by now, or in a scope that was not read. */
function notSeen(days: readonly MachineDay[], gpus: readonly Resource[]): GpuLeftOut[] {
  const known = new Set(gpus.map(({ provider, id }) => keyOf(provider, id)));
  const unknown = days.filter(
    ({ provider, resourceId }) =>
      !known.has(keyOf(provider, resourceId)) &&
      (provider === 'gcp' || (provider === 'aws' && shortId(resourceId).startsWith('i-'))),
  );
  return [
    ...Map.groupBy(unknown, ({ resourceId, currency }) => JSON.stringify([resourceId, currency])).values(),
  ].flatMap((own) => {
    const [first] = own;
    return first === undefined
      ? []
      : [
          {
            resourceId: first.resourceId,
            why: 'It is on the bill and in no inventory: gone by now, or where nobody looked; not observed.',
            cost: costOf(own),
          },
        ];
  });
}

const MIXED =
  'Its instances have different numbers of devices, and its bill does not tell which of them an hour is of.';

/**
 * Devices that an hour on the bill is for: those of one instance, of Google one. Null where instances of an endpoint differ, and an
 * hour may be of either.
 */
function devicesAnHour(machine: Resource): number | null {
  if (machine.type === 'gcp:compute:instance') return 1;
  if (machine.type !== 'aws:sagemaker:endpoint') return devicesOf(machine);
  const { variants } = machine.attributes;
  if (!Array.isArray(variants)) return null;
  const each = new Set(variants.flatMap((variant) => (runs(variant) ? [devicesIn(variant)] : [])));
  const [only = null] = each;
  return each.size === 1 ? only : null;
}

function runs(variant: unknown): boolean {
  return numberIn(variant, 'instances') !== 0;
}

function devicesIn(variant: unknown): number | null {
  return numberIn(variant, 'devices');
}

function numberIn(value: unknown, name: string): number | null {
  if (typeof value !== 'object' || value === null) return null;
  const found: unknown = Object.getOwnPropertyDescriptor(value, name)?.value;
  return typeof found === 'number' ? found : null;
}

function costOf(days: readonly MachineDay[]): GpuLeftOut['cost'] {
  const [first] = days;
  if (first === undefined) return null;
  const amount = days
    .filter(({ currency }) => currency === first.currency)
    .reduce((sum, { effective }) => sum.plus(decimal(effective)), new Decimal(0));
  return { amount: decimalText(amount), currency: first.currency };
}

/** The newest look at each scope that is not too old. */
async function recentLooks(lake: Lake, now: Date): Promise<Snapshot[]> {
  const found: Snapshot[] = [];
  for (const scope of await lake.scopes()) {
    const [newest] = await lake.snapshots(scope, 1);
    if (newest === undefined || scopeName(newest.scope) !== scope) continue;
    if (now.getTime() - Date.parse(newest.takenAt) <= OLDEST_DAYS * DAY) found.push(newest);
  }
  return found;
}

/** Whole days that every look has telemetry of and that have settled on some bill. */
function windowOf(looks: readonly Snapshot[], ends: readonly string[]): DaySpan | null {
  const taken = looks
    .filter(({ resources }) => resources.some(({ accelerators }) => accelerators.length > 0))
    .map(({ takenAt }) => takenAt.slice(0, 10))
    .toSorted();
  const [earliest] = taken;
  const latest = taken.at(-1);
  if (earliest === undefined || latest === undefined) return null;
  // The first day of the 168 hours is cut by the hour at which it was looked.
  const start = dayPlus(latest, 1 - TELEMETRY_DAYS);
  const end = [earliest, ends.toSorted().at(-1) ?? ''].toSorted()[0] ?? '';
  return start < end ? { start, end } : null;
}

/**
 * What a machine on the bill is found by: the id of an instance, with or without its ARN; of SageMaker the whole ARN,
 * for names are told again in other accounts, regions and kinds, and so of Google the full name.
 */
function keyOf(provider: string, id: string): string {
  if (id.startsWith('//')) return `${provider} ${id}`;
  return `${provider} ${id.includes(':sagemaker:') ? id.toLowerCase() : shortId(id)}`;
}

function shortId(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

function busyOf(settings: unknown): number {
  const below =
    typeof settings === 'object' && settings !== null && 'below' in settings ? settings.below : undefined;
  return typeof below === 'number' ? below : BUSY_PERCENT;
}
