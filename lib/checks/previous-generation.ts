/**
 * previous-generation: running machines of a type that its provider counts as of a former generation.
 *
 * What it means: INEFFICIENT is said of a running EC2 instance whose type DescribeInstanceTypes says is not of the
 * current generation: newer types mostly give more for the same money. It is never acted on.
 *
 * What it leaves out: machines that are not running; types that the region does not describe; other services (RDS,
 * ElastiCache, SageMaker); Compute Engine, whose machine types tell no generation, and no list of families is kept here.
 *
 * What it cannot see: whether the work runs on another type, what that would cost in this region, and commitments
 * that are bound to the old family. No saving is told.
 */
import { z } from 'zod';
import { scopeOf } from '../estate/model.ts';
import { judgementOf, state } from './judgement.ts';
import type { Check } from './model.ts';

export const settings = z.strictObject({});
export type PreviousGenerationSettings = z.output<typeof settings>;

export const previousGeneration: Check<PreviousGenerationSettings> = {
  id: 'previous-generation',
  title: 'Machines of a former generation',
  needs: ['resources', 'costs'],
  datasets: ['aws.ec2.instances'],
  verdicts: { INEFFICIENT: { actionable: false } },
  judge: (facts) =>
    facts.resources
      .filter(
        ({ type, state: now, attributes }) =>
          type === 'aws:ec2:instance' && now === 'running' && attributes['currentGeneration'] === false,
      )
      .map((machine) =>
        judgementOf(facts, machine, {
          check: 'previous-generation',
          verdict: 'INEFFICIENT',
          confidence: 'medium',
          saves: null,
          evidence: [
            state('instance type', machine.sku ?? '', 'ec2:DescribeInstances'),
            state('current generation', 'no', 'ec2:DescribeInstanceTypes'),
          ],
          blindSpots: [
            'Whether its work runs on a newer type, and what that costs here, is not known.',
            'A commitment that is bound to the old family would go unused.',
          ],
          reason: `${machine.sku ?? 'Its type'} is of a former generation.`,
          scopes: [scopeOf(machine)],
        }),
      ),
  wouldChange: () => ['A type of the current generation: no finding.', 'The machine stopped: no finding.'],
};
