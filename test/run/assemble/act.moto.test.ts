import { createServer, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { collectionDown } from '../../../lib/actions/aws-aoss-collection.ts';
import { ec2Stop } from '../../../lib/actions/aws-ec2-stop.ts';
import type { AwsActSession } from '../../../lib/actions/aws-session.ts';
import { tagsFix } from '../../../lib/actions/aws-tags-fix.ts';
import { gcpComputeStop } from '../../../lib/actions/gcp-compute-stop.ts';
import type { Action } from '../../../lib/actions/model.ts';
import { parseConfig } from '../../../lib/config/load.ts';
import { actSessions } from '../../../lib/run/assemble/act.ts';
import { OTHER, type Proxy, proxy } from '../../estate/aws/emulated.ts';
import { judgement, recordOf } from '../../ledger/fixtures.ts';

let server: Proxy;
/** What was asked of STS, one a role that was entered. */
let entered: URLSearchParams[];

beforeAll(async () => {
  server = await proxy(inject('motoUrl'), async ({ action, body }) => {
    if (action === 'AssumeRole') entered.push(new URLSearchParams(body));
    return null;
  });
  vi.stubEnv('AWS_ENDPOINT_URL', server.url);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});
beforeEach(() => {
  entered = [];
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

const { finding } = recordOf(judgement({ accountId: OTHER }));
const fix: Action = tagsFix([]);
const stop: Action = ec2Stop;

function enter(aws: string) {
  return actSessions(parseConfig(`schemaVersion: 1\nestate: { aws: ${aws} }`, 'bursar.yaml'));
}

function isCollectionSession(
  session: unknown,
): session is Pick<AwsActSession, 'collection'> & { exports: { shownAs: string } } {
  return typeof session === 'object' && session !== null && 'collection' in session && 'exports' in session;
}

describe('the role in which an action is carried out', () => {
  test('is the one that acts, with the external id, for 900 seconds, in the name of the finding', async () => {
    await enter('{ actRole: AcmeAct, tagRole: AcmeTag, externalId: ext-1 }')(stop, finding);
    expect(entered.map((asked) => Object.fromEntries(asked))).toMatchObject([
      {
        RoleArn: `arn:aws:iam::${OTHER}:role/AcmeAct`,
        ExternalId: 'ext-1',
        DurationSeconds: '900',
        RoleSessionName: `bursar-${finding.id}`,
      },
    ]);
  });

  test('is another one for tags, and each is entered for itself', async () => {
    const into = enter('{ actRole: AcmeAct, tagRole: AcmeTag }');
    await into(fix, finding);
    await into(stop, finding);
    expect(entered.map((asked) => asked.get('RoleArn'))).toEqual([
      `arn:aws:iam::${OTHER}:role/AcmeTag`,
      `arn:aws:iam::${OTHER}:role/AcmeAct`,
    ]);
  });

  test('is none where the config names none for tags, or no account to act as in Google Cloud', async () => {
    const into = enter('{ actRole: AcmeAct }');
    await expect(into(fix, finding)).rejects.toMatchObject({ code: 'config' });
    await expect(into(gcpComputeStop, { ...finding, provider: 'gcp' })).rejects.toMatchObject({
      code: 'config',
    });
    expect(entered).toEqual([]);
  });

  test('signs what it asks a collection, as the role that was entered', async () => {
    const asked: IncomingHttpHeaders[] = [];
    const collection = createServer((request, response) => {
      asked.push(request.headers);
      response.end('[]');
    });
    await new Promise<void>((resolve) => collection.listen(0, '127.0.0.1', resolve));
    const address = collection.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const session = await enter(`{ exports: ${tmpdir()} }`)(collectionDown, finding);
    if (!isCollectionSession(session)) throw new Error('it leads to no collection');
    expect(session.exports.shownAs).toBe(tmpdir());
    expect(await session.collection(`http://127.0.0.1:${port}`).send('POST', '/a/_search', '{}')).toBe('[]');
    collection.close();
    expect(asked[0]).toMatchObject({
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/us-east-1\/aoss\/aws4_request,/,
      ),
      'x-amz-content-sha256': expect.stringMatching(/^[0-9a-f]{64}$/),
      'x-amz-security-token': expect.any(String),
    });
  });
});
