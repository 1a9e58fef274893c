import { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import { afterEach, expect, test, vi } from 'vitest';
import { costExplorerRegion } from '../../../lib/run/assemble/aws-base.ts';

afterEach(() => vi.unstubAllEnvs());

/** Where the SDK sends calls of Cost Explorer. */
function endpointOf(region: string): string {
  const { config } = new CostExplorerClient({ region });
  return config.endpointProvider({ Region: region }).url.hostname;
}

test('Cost Explorer is asked where the partition has it', () => {
  expect(endpointOf(costExplorerRegion('aws'))).toBe('ce.us-east-1.amazonaws.com');
  expect(endpointOf(costExplorerRegion('aws-cn'))).toMatch(/^ce\.cn-northwest-1\..*\.cn$/);
});

test('which the region of the environment tells where no role does', () => {
  for (const [here, there] of [
    ['eu-central-1', 'us-east-1'],
    ['cn-north-1', 'cn-northwest-1'],
    ['', 'us-east-1'],
  ] as const) {
    vi.stubEnv('AWS_REGION', here);
    expect([here, costExplorerRegion()]).toEqual([here, there]);
  }
});
