import { Decimal, decimalText } from '../focus/decimal.ts';
import {
  MACHINES,
  type Machine,
  type Metered,
  MODELS,
  OPENAI_ORGANISATION,
  ORGANISATION,
  SAVINGS_PLAN,
  STEADY,
  TOKENS,
  VOLUMES,
} from './cast.ts';
import { dayStart, machineId, volumeId } from './names.ts';
import { seeded } from './random.ts';
import {
  amounts,
  awsAccount,
  type BillRow,
  billingPeriod,
  charge,
  commitment,
  flat,
  gcpAccount,
  place,
  priced,
  stamp,
} from './rows.ts';
import { thingRows } from './things.ts';

/** A bill as its biller delivers it: the first delivery of the former month is incomplete, a later one restates it. */
export interface Bill {
  readonly source: 'aws' | 'gcp' | 'openai';
  readonly rows: readonly BillRow[];
}

const HOURS = new Decimal(24);

/** What is known of the days after `now`: how many there are, and how long each machine ran on them. */
export interface Later {
  readonly days: number;
  /** Hours of a UTC day that the machine ran, 0 to 24. */
  readonly ran: (machine: Machine, day: Date) => Decimal;
}

/** Every row of the 90 full days that end at `now`'s UTC midnight, by biller; and of the days after it. */
export function bills(
  seed: number,
  now: Date,
  days = 90,
  later: Later = { days: 0, ran: () => HOURS },
): Bill[] {
  const random = seeded(seed);
  const rows: Record<Bill['source'], BillRow[]> = { aws: [], gcp: [], openai: [] };
  for (let ago = days; ago >= 1 - later.days; ago--) {
    const day = dayStart(now, ago);
    const ran = running(ago)
      .map((machine) => ({ machine, hours: ago >= 1 ? HOURS : later.ran(machine, day) }))
      .filter(({ hours }) => hours.gt(0));
    rows.aws.push(
      ...machineRows(day, ran),
      ...savingsPlanRows(day, ran),
      ...awsExtras(day, ago),
      ...thingRows(day, ago),
    );
    for (const steady of STEADY) {
      const row = steadyRow(steady, day, days - ago, random);
      rows[steady.provider === 'AWS' ? 'aws' : 'gcp'].push(row);
    }
    rows.openai.push(...modelRows(day, days - ago, random));
  }
  return [
    { source: 'aws', rows: rows.aws },
    { source: 'gcp', rows: rows.gcp },
    { source: 'openai', rows: rows.openai },
  ];
}

/** What had been delivered `ago` days before `now`: later days missing, and late rows of the former month too. */
export function asDelivered(bill: Bill, now: Date, ago: number): Bill {
  const until = stamp(dayStart(now, ago));
  const late = lastDaysOfFormerMonth(new Date(until));
  return {
    source: bill.source,
    rows: bill.rows.filter(
      (row) =>
        (row.ChargePeriodEnd ?? '') <= until &&
        !(row.ServiceName === 'Amazon Bedrock' && late.has(row.ChargePeriodStart ?? '')),
    ),
  };
}

function lastDaysOfFormerMonth(at: Date): Set<string> {
  const first = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1);
  return new Set([1, 2].map((back) => stamp(new Date(first - back * 86_400_000))));
}

/** The machines that ran on the day `ago` days before. */
function running(ago: number): Machine[] {
  return MACHINES.filter(
    ({ startedDaysAgo, goneDaysAgo }) =>
      ago <= startedDaysAgo && (goneDaysAgo === undefined || ago > goneDaysAgo),
  );
}

interface Ran {
  readonly machine: Machine;
  readonly hours: Decimal;
}

function machineRows(day: Date, ran: readonly Ran[]): BillRow[] {
  return ran.map(({ machine, hours }) => {
    const list = new Decimal(machine.rate).times(hours);
    const effective = machine.covered ? list.times(new Decimal(1).minus(SAVINGS_PLAN.discount)) : list;
    return charge(day, {
      ...awsAccount(machine.account),
      ...place(machine.region),
      ServiceName: 'Amazon Elastic Compute Cloud',
      ServiceCategory: 'Compute',
      ServiceSubcategory: 'Virtual Machines',
      ResourceId: machineId(machine),
      ResourceName: machine.name,
      ResourceType: 'Instance',
      ChargeDescription: `${machine.type} hour at the demonstration rate`,
      ...amounts(machine.covered ? new Decimal(0) : list, effective, list),
      ...priced(machine.rate, hours, 'Hours', `sku-${machine.type}`),
      ...(machine.covered
        ? { PricingCategory: 'Committed', ...commitment('Used', decimalText(effective)) }
        : { PricingCategory: 'Standard' }),
      Tags: JSON.stringify(machine.tags),
    });
  });
}

function savingsPlanRows(day: Date, ran: readonly Ran[]): BillRow[] {
  const paid = new Decimal(SAVINGS_PLAN.hourly).times(HOURS);
  const used = ran
    .filter(({ machine: { covered } }) => covered)
    .reduce(
      (sum, { machine: { rate }, hours }) =>
        sum.plus(new Decimal(rate).times(hours).times(new Decimal(1).minus(SAVINGS_PLAN.discount))),
      new Decimal(0),
    );
  const unused = paid.minus(used);
  const plan = {
    ...awsAccount('platform'),
    ServiceName: 'Savings Plans for AWS Compute usage',
    ServiceCategory: 'Compute',
    ServiceSubcategory: 'Other (Compute)',
    ResourceId: SAVINGS_PLAN.id,
    ResourceName: SAVINGS_PLAN.name,
    ResourceType: 'Savings Plan',
    Tags: '{"owner":"platform@acme.example","team":"platform","env":"prod"}',
  };
  return [
    charge(day, {
      ...plan,
      ChargeCategory: 'Purchase',
      ChargeFrequency: 'Recurring',
      ChargeDescription: 'Savings plan, recurring fee',
      ...amounts(paid, new Decimal(0), paid),
      ...priced(SAVINGS_PLAN.hourly, HOURS, 'Hours', 'sku-savings-plan'),
      ConsumedQuantity: '',
      ConsumedUnit: '',
      PricingCategory: 'Standard',
      ...commitment('', decimalText(paid)),
    }),
    charge(day, {
      ...plan,
      ChargeDescription: 'Savings plan, unused part',
      ...amounts(new Decimal(0), unused, new Decimal(0)),
      ...priced('0', HOURS, 'Hours', 'sku-savings-plan'),
      ConsumedQuantity: '',
      ConsumedUnit: '',
      PricingCategory: 'Committed',
      ...commitment('Unused', decimalText(unused)),
    }),
  ];
}

function awsExtras(day: Date, ago: number): BillRow[] {
  const rows = VOLUMES.map((volume) =>
    charge(day, {
      ...awsAccount(volume.account),
      ...place(volume.region),
      ServiceName: 'Amazon Elastic Block Store',
      ServiceCategory: 'Storage',
      ServiceSubcategory: 'Block Storage',
      ResourceId: volumeId(volume),
      ResourceName: volume.name,
      ResourceType: 'Volume',
      ChargeDescription: 'General purpose storage',
      ...flat(volume.daily),
      Tags: JSON.stringify(volume.tags),
    }),
  );
  const transferred = ago >= 2 && ago <= 4 ? '310.55' : '6.25';
  rows.push(
    charge(day, {
      ...awsAccount('product'),
      ...place('eu-central-1'),
      ServiceName: 'AWS Data Transfer',
      ServiceCategory: 'Networking',
      ServiceSubcategory: 'Other (Networking)',
      ChargeDescription: 'EU (Frankfurt) data transfer to US East (Northern Virginia)',
      ...flat(transferred),
      ...metered(transferred, { unitPrice: '0.02', unit: 'GB' }, 'transfer'),
      Tags: '{}',
    }),
  );
  if (day.getUTCDate() === 1) {
    rows.push(
      charge(day, {
        ...awsAccount('platform'),
        ServiceName: 'Tax',
        ServiceCategory: 'Other',
        ServiceSubcategory: 'Other (Other)',
        ChargeCategory: 'Tax',
        ChargeDescription: 'Value added tax',
        ...flat('412.18'),
        Tags: '{}',
      }),
      charge(day, {
        ...awsAccount('platform'),
        ServiceName: 'AWS Support (Business)',
        ServiceCategory: 'Management and Governance',
        ServiceSubcategory: 'Support',
        ChargeCategory: 'Purchase',
        ChargeFrequency: 'Recurring',
        ChargeDescription: 'Support plan',
        ...flat('250'),
        Tags: '{}',
      }),
      charge(day, {
        ...awsAccount('platform'),
        ServiceName: 'Amazon Bedrock',
        ServiceCategory: 'AI and Machine Learning',
        ServiceSubcategory: 'Generative AI',
        ChargeCategory: 'Credit',
        ChargeFrequency: 'One-Time',
        ChargeDescription: 'Promotional credit',
        ...flat('-300'),
        Tags: '{}',
      }),
    );
  }
  // A correction of a closed period: it is billed this month for a day of the last one.
  if (day.getUTCDate() === 6) {
    const corrected = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() - 1, 20));
    rows.push({
      ...charge(corrected, {
        ...awsAccount('product'),
        ...place('us-east-1'),
        ServiceName: 'Amazon Relational Database Service',
        ServiceCategory: 'Databases',
        ServiceSubcategory: 'Relational Databases',
        ChargeClass: 'Correction',
        ChargeDescription: 'Refund of a double charge',
        SkuMeter: 'InstanceUsage:db.r6g.large',
        ResourceId: 'arn:aws:rds:us-east-1:333344445555:db:orders',
        ResourceName: 'orders',
        ResourceType: 'DB Instance',
        ...flat('-58.75'),
        Tags: '{"owner":"search@acme.example","team":"search","env":"prod"}',
      }),
      ...billingPeriod(day),
    });
  }
  return rows;
}

function steadyRow(steady: (typeof STEADY)[number], day: Date, index: number, random: () => number): BillRow {
  const cost = rhythm(steady.daily, day, index, random, steady.weekend, steady.growth);
  const base =
    steady.provider === 'AWS'
      ? awsAccount(steady.account === 'gcp' ? 'platform' : steady.account)
      : gcpAccount();
  return charge(day, {
    ...base,
    ...place(steady.region),
    ServiceName: steady.service,
    ServiceCategory: steady.category,
    ServiceSubcategory: steady.subcategory,
    ResourceId: steady.resource,
    ResourceName: steady.resource.split(/[/:]/).at(-1) ?? steady.resource,
    ResourceType: steady.resourceType,
    ChargeDescription: `${steady.service} usage`,
    ...flat(cost),
    ...(steady.metered === undefined
      ? {}
      : metered(cost, steady.metered, steady.model ?? steady.resourceType)),
    Tags: JSON.stringify(steady.tags),
    ...(steady.meter === undefined ? {} : { SkuMeter: steady.meter }),
    ...(steady.model === undefined ? {} : { x_AiModel: steady.model }),
  });
}

function modelRows(day: Date, index: number, random: () => number): BillRow[] {
  return MODELS.map(({ project, model, unitPrice, daily, weekend, growth }) => {
    const cost = rhythm(daily, day, index, random, weekend, growth);
    return charge(day, {
      ProviderName: 'OpenAI',
      PublisherName: 'OpenAI',
      InvoiceIssuerName: 'OpenAI',
      BillingAccountId: OPENAI_ORGANISATION,
      BillingAccountName: ORGANISATION,
      SubAccountId: project,
      SubAccountName: project,
      SubAccountType: 'Project',
      ServiceName: 'OpenAI API',
      ServiceCategory: 'AI and Machine Learning',
      ServiceSubcategory: 'Generative AI',
      ChargeDescription: `${model} tokens`,
      SkuMeter: model,
      x_AiModel: model,
      ...flat(cost),
      ...metered(cost, { unitPrice, unit: TOKENS }, model),
    });
  });
}

/** How much was used, at the demonstration rate: what costs more was used more. */
function metered(cost: string, { unitPrice, unit }: Metered, of: string): BillRow {
  return priced(
    unitPrice,
    new Decimal(cost).div(unitPrice),
    unit,
    `sku-${of.toLowerCase().replaceAll(' ', '-')}`,
  );
}

/** A day's cost: base x growth x weekday x noise of at most 4%, in USD rounded to six places. */
function rhythm(
  base: string,
  day: Date,
  index: number,
  random: () => number,
  weekend = 1,
  growth = 0,
): string {
  const restDay = day.getUTCDay() === 0 || day.getUTCDay() === 6;
  const noise = Math.round((0.96 + 0.08 * random()) * 10_000);
  return decimalText(
    new Decimal(base)
      .times(new Decimal(1).plus(new Decimal(growth).times(index)))
      .times(restDay ? weekend : 1)
      .times(noise)
      .dividedBy(10_000)
      .toDecimalPlaces(6),
  );
}
