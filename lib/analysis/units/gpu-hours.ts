import { MIG_PART, type Telemetry } from '../../estate/model.ts';
import { Decimal, decimalText } from '../../focus/decimal.ts';
import { daysOf } from './days.ts';

const HOUR_SECONDS = 3600;
/** From this share of compute on, a device counts as busy in an hour: as `below` of idle-gpu has it. */
export const BUSY_PERCENT = 5;

/** A machine with accelerators, and what its bill says of each day (`YYYY-MM-DD`). */
export interface GpuMachine {
  readonly id: string;
  /** Devices that the operating system sees. */
  readonly devices: number;
  /** Devices that an hour on the bill is for; fewer where the bill counts hours of each of several instances. */
  readonly perHour: number;
  readonly currency: string;
  readonly billed: ReadonlyMap<string, { readonly hours: Decimal; readonly cost: Decimal }>;
  /** Series of this machine, whatever they measure. */
  readonly telemetry: readonly Telemetry[];
}

/** Device-hours that were paid, and what is known of them; they add up. Decimal text. */
export interface GpuHours {
  readonly paid: string;
  /** Some device was at work in that hour: at most that many were used. */
  readonly used: string;
  readonly idle: string;
  /** Nobody knows. */
  readonly unobserved: string;
  readonly cost: string;
  /** The part of the cost that the unobserved hours are. */
  readonly unobservedCost: string;
  readonly perPaidHour: string | null;
  /** Cost of the observed hours for each that was used; null where none was. */
  readonly perUsedHour: string | null;
}

/**
 * Device-hours by machine: hours on the bill times the devices that each is for, of which telemetry tells some as busy (a maximum of at
 * least `busy` percent within the hour) or idle. The mean of an hour proves nothing and is not looked at. Where the bill
 * charges less than was observed (a machine that was started within the hour), the idle hours give way first. Pure.
 * @param span whole UTC days, half-open, that both the bill and telemetry speak of
 */
export function gpuHours(
  machine: GpuMachine,
  span: { readonly start: string; readonly end: string },
  busy: number = BUSY_PERCENT,
): GpuHours {
  const seen = hoursSeen(machine, busy);
  const zero = new Decimal(0);
  const sums = { paid: zero, used: zero, idle: zero, cost: zero, unknownCost: zero };
  for (const day of daysOf(span.start, span.end)) {
    const bill = machine.billed.get(day);
    if (bill === undefined) continue;
    const hours = bill.hours.times(machine.perHour);
    const told = seen.get(day) ?? { busy: 0, idle: 0 };
    const used = Decimal.min(hours, told.busy);
    const idle = Decimal.min(hours.minus(used), told.idle);
    const unknown = hours.minus(used).minus(idle);
    sums.paid = sums.paid.plus(hours);
    sums.used = sums.used.plus(used);
    sums.idle = sums.idle.plus(idle);
    sums.cost = sums.cost.plus(bill.cost);
    if (hours.gt(0)) sums.unknownCost = sums.unknownCost.plus(bill.cost.times(unknown).div(hours));
  }
  return toldOf(sums);
}

/** The same of several machines that are billed in one currency. */
export function gpuTotal(all: readonly GpuHours[]): GpuHours {
  const sum = (key: 'paid' | 'used' | 'idle' | 'cost' | 'unobservedCost') =>
    all.reduce((total, each) => total.plus(each[key]), new Decimal(0));
  return toldOf({
    paid: sum('paid'),
    used: sum('used'),
    idle: sum('idle'),
    cost: sum('cost'),
    unknownCost: sum('unobservedCost'),
  });
}

function toldOf({
  paid,
  used,
  idle,
  cost,
  unknownCost,
}: Readonly<Record<'paid' | 'used' | 'idle' | 'cost' | 'unknownCost', Decimal>>): GpuHours {
  return {
    paid: decimalText(paid),
    used: decimalText(used),
    idle: decimalText(idle),
    unobserved: decimalText(paid.minus(used).minus(idle)),
    cost: decimalText(cost),
    unobservedCost: decimalText(unknownCost),
    perPaidHour: paid.gt(0) ? decimalText(cost.div(paid)) : null,
    perUsedHour: used.gt(0) ? decimalText(cost.minus(unknownCost).div(used)) : null,
  };
}

/**
 * Busy and idle device-hours a day. Where single devices are told, each hour of each counts; where a source speaks for
 * the machine alone, an hour says of all its devices what it says of the busiest.
 */
function hoursSeen(
  { telemetry, devices }: GpuMachine,
  busy: number,
): ReadonlyMap<string, { busy: number; idle: number }> {
  const use = telemetry.filter(
    ({ metric, statistic, period }) =>
      metric === 'gpu-utilization' && statistic === 'maximum' && period > 0 && period <= HOUR_SECONDS,
  );
  const single = use.filter(({ device }) => device !== null);
  const looked = single.length > 0 ? single : use;
  // By device and hour, the highest that any source tells.
  const byDevice = new Map<string, Map<string, number>>();
  for (const { device, points } of looked) {
    // Parts of a card are one device: it is as busy as the busiest of them.
    const [card = ''] = (device ?? '').split(MIG_PART);
    const hours = byDevice.get(card) ?? new Map<string, number>();
    byDevice.set(card, hours);
    for (const { at, value } of points) {
      if (!Number.isFinite(value) || value < 0 || value > 100) continue;
      const hour = at.slice(0, 13);
      hours.set(hour, Math.max(hours.get(hour) ?? 0, value));
    }
  }
  const each = single.length > 0 ? 1 : devices;
  const days = new Map<string, { busy: number; idle: number }>();
  for (const hours of byDevice.values())
    for (const [hour, value] of hours) {
      const day = days.get(hour.slice(0, 10)) ?? { busy: 0, idle: 0 };
      days.set(hour.slice(0, 10), day);
      if (value >= busy) day.busy += each;
      else day.idle += each;
    }
  return days;
}
