import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Audited, auditText } from '../../lib/digest/audit.ts';
import { shortName } from '../../lib/digest/short-name.ts';
import { width } from '../../lib/digest/terminal.ts';
import { anyInput } from './arbitrary.ts';
import { name } from './attacks.ts';
import { finding, usd } from './inputs.ts';

const SEEN = { scope: 'aws:111122223333:us-east-1', status: 'complete', reason: null, asOf: null } as const;

function audited(changes: Partial<Audited> = {}): Audited {
  return {
    now: '2026-11-16T08:00:00.000Z',
    coverage: [SEEN],
    spend: [
      {
        currency: 'USD',
        billed: '1234.5',
        effective: '1000.005',
        start: '2026-11-01T00:00:00.000Z',
        end: '2026-11-16T00:00:00.000Z',
        asOf: '2026-11-16T00:00:00.000Z',
      },
    ],
    findings: [finding()],
    ownCost: { amount: '0.01', currency: 'USD', calls: [{ api: 'ce:GetCostAndUsage', count: 1 }] },
    ...changes,
  };
}

function failed(scope: string) {
  return {
    scope,
    status: 'failed',
    reason: `${scope}: the role was denied\nDeploy the role.`,
    asOf: null,
  } as const;
}

describe('an audit as text', () => {
  it('tells what is estimated at list prices apart from what is billed', () => {
    const estimate = finding({
      resourceId: 'arn:aws:ec2:us-east-1:111122223333:instance/i-1',
      costBasis: 'list-estimate',
      monthlyCost: usd('383.98'),
      monthlySaving: usd('383.98'),
    });
    const text = auditText(audited({ findings: [finding(), estimate] }));
    expect(text).toContain('would save $900 and about $384 by list prices a month.');
    expect(text).toMatch(/about \$384 +IDLE/);
    expect(auditText(audited({ findings: [estimate] }))).toContain(
      'would save about $384 by list prices a month.',
    );
  });

  it('tells what fails many datasets alike once, with all their names', () => {
    const text = auditText(
      audited({
        coverage: [
          {
            scope: 'gcp:acme',
            status: 'failed',
            reason:
              'gcp.compute.disks: nobody is signed in\ngcp.tpu.nodes: was denied\ngcp.compute.images: nobody is signed in',
            asOf: null,
          },
        ],
      }),
    );
    expect(text).toContain(
      '\n    gcp.compute.disks, gcp.compute.images: nobody is signed in\n    gcp.tpu.nodes: was denied\n',
    );
  });

  it('keeps region and owner beside names of wide characters', () => {
    const wide = finding({ resourceName: '🧪'.repeat(60) });
    const line = auditText(audited({ findings: [wide] }))
      .split('\n')
      .find((one) => one.includes('🧪'));
    expect(line).toContain(wide.region);
    expect(line).toContain(wide.owner?.id);
  });

  it('tells spend, what could be saved, the findings and its own cost', () => {
    // ICU sets thin spaces beside the dash of a period.
    expect(auditText(audited()).replaceAll('\u2009', ' ')).toBe(
      [
        'Spend',
        '  $1,234.50 billed,  $1,000.00 effective  Nov 1 – 15, 2026',
        '',
        'Findings (1)',
        '  Stopping what is idle or unused would save $900 a month.',
        '',
        'idle-gpu (1), cost a month',
        '  $900  IDLE  trainer  us-east-1  ml-platform@acme.example',
        '',
        'All of it was read completely.',
        '',
        'This audit cost $0.01 in API fees, 1 call.',
        '',
      ].join('\n'),
    );
  });

  it('tells the days of which bills tell, and not those that a fee is for', () => {
    const [told] = audited().spend;
    if (told === undefined) throw new Error('something was spent');
    const text = auditText(audited({ spend: [{ ...told, end: '2026-12-01T00:00:00.000Z' }] }));
    expect(text).toContain('Nov 1\u2009\u2013\u200915, 2026');
    const { start } = told;
    const endless = auditText(audited({ spend: [{ ...told, end: start, asOf: start }] }));
    expect(endless).toMatch(/ effective +Nov 1, 2026$/m);
  });

  it('with nothing says so, and not that all is well', () => {
    const ownCost = { amount: '0', currency: 'USD', calls: [] };
    const text = auditText(audited({ findings: [], spend: [], coverage: [], ownCost }));
    expect(text).toBe('Spend\n  no bill was read\n\nFindings (0)\n  none\n\nThis audit called no API.\n');
  });

  it('shows the dearest first, ten a check, and where the rest is', () => {
    const findings = Array.from({ length: 14 }, (_, at) =>
      finding({
        resourceName: `m${at}`,
        monthlyCost: usd(String(100 + at)),
        monthlySaving: usd(String(100 + at)),
      }),
    );
    const lines = auditText(audited({ findings })).split('\n');
    expect(lines.filter((line) => / m\d+ /.test(line)).map((line) => /m\d+/.exec(line)?.[0])).toEqual(
      [13, 12, 11, 10, 9, 8, 7, 6, 5, 4].map((at) => `m${at}`),
    );
    expect(lines).toContain('  and 4 more: bursar findings --check idle-gpu');
  });

  it('tells a saving that is not the cost', () => {
    const text = auditText(audited({ findings: [finding({ monthlySaving: usd('0') })] }));
    expect(text).toContain('$900  IDLE, saves $0  trainer');
    expect(text).not.toContain('would save');
  });

  it('names scopes that fail alike once, without the scope in the reason, and what to do on its own line', () => {
    const text = auditText(
      audited({ coverage: [SEEN, failed('aws:2:eu-west-1'), failed('aws:2:us-east-1')] }),
    );
    expect(text).toContain(
      [
        'Not seen (2 of 3 scopes)',
        '  aws:2:eu-west-1, aws:2:us-east-1: not read',
        '    the role was denied',
        '    Deploy the role.',
      ].join('\n'),
    );
  });

  it('fits its terminal and hides no control character, whatever names hold', () => {
    fc.assert(
      fc.property(anyInput, fc.integer({ min: 1, max: 300 }), name, (input, columns, reason) => {
        const { findings } = input;
        const coverage = [{ scope: reason, status: 'failed', reason, asOf: null }] as const;
        const text = auditText(audited({ findings, coverage }), { width: columns });
        for (const line of text.split('\n'))
          expect(width(line)).toBeLessThanOrEqual(Math.min(Math.max(columns, 60), 140));
        expect(text).not.toMatch(/[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069\u200e\u200f\u2028\u2029]/u);
      }),
    );
  });
});

describe('what a resource is called', () => {
  it.each([
    ['its name', 'trainer', 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc', 'trainer'],
    ['the end of its ARN', null, 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc', 'instance/i-0abc'],
    ['a bucket', null, 'arn:aws:s3:::acme-lake', 'acme-lake'],
    [
      'the end of a long id',
      null,
      `//compute.googleapis.com/${'x'.repeat(40)}/instances/web-1`,
      '…xxxxxxxxxxxxxx/instances/web-1',
    ],
    [
      'a line of the bill',
      'OpenAI API',
      'account/proj_a/service/OpenAI API/tag/owner',
      'OpenAI API, no owner, proj_a',
    ],
    ['a name of spaces', '   ', 'i-0abc', 'i-0abc'],
  ])('%s', (_what, resourceName, resourceId, called) => {
    expect(shortName({ resourceName, resourceId }, 31)).toBe(called);
  });
});
