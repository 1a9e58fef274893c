import { createHash, createHmac } from 'node:crypto';
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { s3Archive } from '../../lib/platform/archive.ts';
import { LINK_MINUTES, reportLinkPermissions, reportLinks } from '../../lib/platform/report-links.ts';

const REGION = 'eu-central-1';
const BUCKET = 'bursar-reports-of-links';
const DOMAIN = `${BUCKET}.s3.${REGION}.amazonaws.com`;
const KEYS = ['week/2026-11-09.html', `team/${encodeURIComponent("R&D (ml)*'!")}/week/2026-11-09.html`];
const signingDate = new Date('2026-11-16T08:00:00Z');
const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'secret',
  sessionToken: 'a/session+token==',
};
const link = reportLinks({
  domain: DOMAIN,
  region: REGION,
  prefix: 'reports/',
  credentials: async () => credentials,
  clock: () => signingDate,
});
const moto = new S3Client({
  region: REGION,
  endpoint: inject('motoUrl'),
  forcePathStyle: true,
  credentials,
});

beforeAll(async () => {
  await moto.send(
    new CreateBucketCommand({ Bucket: BUCKET, CreateBucketConfiguration: { LocationConstraint: REGION } }),
  );
});

describe.each(KEYS)('a link to %s', (key) => {
  test('is signed as the SDK of S3 signs it', async () => {
    const command = new GetObjectCommand({
      Bucket: BUCKET,
      Key: `reports/${key}`,
      ResponseCacheControl: 'no-store',
      ResponseContentDisposition: 'inline',
    });
    const official = new URL(
      await getSignedUrl(new S3Client({ region: REGION, credentials }), command, {
        expiresIn: LINK_MINUTES * 60,
        signingDate,
      }),
    );
    // The SDK names the operation, too, and that it checks no sum; both are signed along and change nothing else.
    const ours = new URL(await link(key));
    expect(`${ours.origin}${ours.pathname}`).toBe(`${official.origin}${official.pathname}`);
    const theirs = Object.fromEntries(official.searchParams);
    const { 'X-Amz-Signature': signature, ...signed } = Object.fromEntries(ours.searchParams);
    expect(signature).toMatch(/^[0-9a-f]{64}$/);
    expect(theirs).toMatchObject(signed);
    expect(Object.fromEntries(ours.searchParams)).toMatchObject({
      'X-Amz-Expires': '600',
      'X-Amz-SignedHeaders': 'host',
      'X-Amz-Security-Token': credentials.sessionToken,
      'response-cache-control': 'no-store',
      'response-content-disposition': 'inline',
    });
  });

  test('holds the signature that the rules of AWS give', async () => {
    const { pathname, searchParams } = new URL(await link(key));
    const signature = searchParams.get('X-Amz-Signature');
    searchParams.delete('X-Amz-Signature');
    expect(signature).toBe(signatureOf(pathname, searchParams));
  });

  test('opens what the archive has put there, to be shown and not to be kept', async () => {
    await s3Archive(moto, BUCKET, 'reports/').put(key, '<title>A report</title>', 'text/html; charset=utf-8');
    const { pathname, search } = new URL(await link(key));
    const response = await fetch(`${inject('motoUrl')}/${BUCKET}${pathname}${search}`);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('<title>A report</title>');
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('content-disposition')).toBe('inline');
  });
});

test('its right is to read reports and nothing else of the bucket', () => {
  expect(reportLinkPermissions(BUCKET, 'reports/')).toEqual([
    expect.objectContaining({
      action: 's3:GetObject',
      resources: [`arn:aws:s3:::${BUCKET}/reports/*`],
    }),
  ]);
});

/** By the steps of "Authenticating Requests: Using Query Parameters" (Amazon S3 API Reference). */
function signatureOf(path: string, query: URLSearchParams): string {
  const sorted = [...query].map(([name, value]) => `${strict(name)}=${strict(value)}`).toSorted();
  const request = ['GET', path, sorted.join('&'), `host:${DOMAIN}`, '', 'host', 'UNSIGNED-PAYLOAD'].join(
    '\n',
  );
  const scope = `20261116/${REGION}/s3/aws4_request`;
  const hash = createHash('sha256').update(request).digest('hex');
  const signing = [REGION, 's3', 'aws4_request'].reduce(hmac, hmac('AWS4secret', '20261116'));
  return hmac(signing, ['AWS4-HMAC-SHA256', '20261116T080000Z', scope, hash].join('\n')).toString('hex');
}

function strict(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
