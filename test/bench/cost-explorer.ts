import { answersOf, type Entry } from '../sources/aws-cost-explorer/bill.ts';
import { deliver } from '../sources/aws-cost-explorer/deliver.ts';
import { costExplorerFake } from '../sources/aws-cost-explorer/fake.ts';
import { type Measured, measured } from './measure.ts';

/** AWS does not say how many groups a page of Cost Explorer holds; this is taken for the bench. */
export const GROUPS_A_PAGE = 5000;

const SERVICES = ['EC2', 'EBS', 'S3', 'RDS', 'Lambda', 'CloudWatch', 'VPC', 'SageMaker'];

/** The last day of a month: a daily audit of a payer's accounts, each with eight services and tax every day. */
export function busyMonth(accounts: number): Entry[] {
  return Array.from({ length: 30 }, (_, at) => `2026-11-${String(at + 1).padStart(2, '0')}`).flatMap((day) =>
    Array.from({ length: accounts }, (_, at) => String(at).padStart(12, '0')).flatMap((account) => [
      ...SERVICES.map((service) => ({ day, account, service, billed: '1' })),
      { day, account, service: 'Tax', type: 'Tax', billed: '0.2' },
    ]),
  );
}

export const LAST_DAY = {
  now: '2026-11-30T06:00:00Z',
  held: {
    asOf: null,
    ingestedAt: '2026-11-29T00:00:00Z',
    fingerprints: { '2026-10': 'record types 1 of 999900001111|closed 14 days' },
  },
};

/** Pages of GetCostAndUsage that a daily audit asks where a month is all but over. */
export async function costExplorerPages(given: {
  accounts: number;
}): Promise<Measured & { pages: number; rows: number }> {
  await using fake = await costExplorerFake(answersOf(busyMonth(given.accounts), GROUPS_A_PAGE));
  const { value, ...took } = await measured(() => deliver(fake.client, LAST_DAY));
  return { ...took, pages: fake.requests.length, rows: value.rows.length };
}
