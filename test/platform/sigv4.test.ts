import { createHash, createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { sigv4Headers } from '../../lib/platform/sigv4.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

const encode = (text: string) =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** By hand, as the documentation spells it out (IAM User Guide, "Create a signed AWS API request"). */
function expected(
  url: URL,
  headers: Readonly<Record<string, string>>,
  secret: string,
  method = 'GET',
): string {
  const date = headers['x-amz-date'] ?? '';
  const signed = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))].toSorted();
  const values: Readonly<Record<string, string>> = { ...headers, host: url.host };
  const request = [
    method,
    url.pathname.split('/').map(encode).join('/'),
    [...url.searchParams]
      .map(([key, value]) => `${encode(key)}=${encode(value)}`)
      .toSorted()
      .join('&'),
    ...signed.map((name) => `${name}:${values[name] ?? ''}`),
    '',
    signed.join(';'),
    headers['x-amz-content-sha256'] ?? sha256(''),
  ].join('\n');
  const scope = `${date.slice(0, 8)}/eu-central-1/es/aws4_request`;
  const key = ['eu-central-1', 'es', 'aws4_request'].reduce(hmac, hmac(`AWS4${secret}`, date.slice(0, 8)));
  return hmac(key, ['AWS4-HMAC-SHA256', date, scope, sha256(request)].join('\n')).toString('hex');
}

test('a request is signed for its service, region, path and query, by credentials that may change', async () => {
  let current = { accessKeyId: 'AKID', secretAccessKey: 'one' };
  const sign = sigv4Headers('es', 'eu-central-1', async () => current);
  for (const [path, secret] of [
    ['/_mapping?expand_wildcards=all', 'one'],
    ['/_stats/docs,store?expand_wildcards=open,hidden&filter_path=indices.*.total', 'two'],
  ] as const) {
    current = { accessKeyId: 'AKID', secretAccessKey: secret };
    const url = new URL(path, 'https://search-docs.eu-central-1.es.amazonaws.com');
    const { authorization = '', ...headers } = await sign(url);
    expect(headers['x-amz-date']).toMatch(/^\d{8}T\d{6}Z$/);
    expect(headers['host']).toBeUndefined();
    expect(authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/eu-central-1\/es\/aws4_request, /,
    );
    expect(/Signature=([0-9a-f]{64})$/.exec(authorization)?.[1]).toBe(expected(url, headers, secret));
  }
});

test('a session token goes along, signed', async () => {
  const sign = sigv4Headers('es', 'eu-central-1', async () => ({
    accessKeyId: 'AKID',
    secretAccessKey: 's',
    sessionToken: 'of-the-role',
  }));
  const headers = await sign(new URL('https://x.example/_mapping'));
  expect(headers['x-amz-security-token']).toBe('of-the-role');
  expect(headers['authorization']).toContain('x-amz-security-token');
});

test('what is sent is signed with its method, and its hash goes along', async () => {
  const sign = sigv4Headers('es', 'eu-central-1', async () => ({
    accessKeyId: 'AKID',
    secretAccessKey: 's',
  }));
  const url = new URL('https://x.example/manuals/_search/point_in_time?keep_alive=1m');
  const [method, body] = ['DELETE', '{"pit_id":["a"]}'];
  const { authorization = '', ...headers } = await sign(url, { method, body });
  expect(headers['x-amz-content-sha256']).toBe(sha256(body));
  expect(/Signature=([0-9a-f]{64})$/.exec(authorization)?.[1]).toBe(expected(url, headers, 's', method));
});
