import { expect, test } from 'vitest';
import { Meter } from '../../../lib/platform/meter.ts';
import { gcpActSessions } from '../../../lib/run/assemble/act-gcp.ts';

test('nothing is stopped in a project that is only linked to a billing account', async () => {
  const gcp = {
    projects: 'linked',
    actAs: 'bursar-act@ml-prod.iam.gserviceaccount.com',
    advice: false,
    endpoint: 'http://127.0.0.1:9',
  } as const;
  await expect(gcpActSessions(gcp, new Meter())('gcp.compute.stop', 'linked')).rejects.toMatchObject({
    code: 'config',
    message: 'the config does not name this project',
  });
});
