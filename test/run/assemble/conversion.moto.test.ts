import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest';
import { ratesInto } from '../../../lib/run/assemble/conversion.ts';
import { resetMoto } from '../../counterparts/moto.ts';
import { AMBIENT, base } from '../../estate/aws/emulated.ts';

const moto = inject('motoUrl');
const s3 = new S3Client({ ...base(moto), region: 'us-east-1', forcePathStyle: true });

beforeEach(async () => {
  await resetMoto(moto);
  vi.stubEnv('AWS_ENDPOINT_URL', moto);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', AMBIENT.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', AMBIENT.secretAccessKey);
  await s3.send(new CreateBucketCommand({ Bucket: 'acme-config' }));
});
afterEach(() => vi.unstubAllEnvs());

test('a table of exchange rates in S3 is read each time that it is asked for', async () => {
  const into = ratesInto({ rates: 's3://acme-config/fx/rates.csv', mostDays: 7 }, '/nowhere');
  await expect(into('EUR')).rejects.toMatchObject({ told: expect.stringContaining('s3:GetObject') });
  for (const rate of ['0.9', '0.8']) {
    const Body = `date,from,to,rate\n2026-10-01,USD,EUR,${rate}\n`;
    await s3.send(new PutObjectCommand({ Bucket: 'acme-config', Key: 'fx/rates.csv', Body }));
    const { rates } = await into('EUR');
    expect(rates.rateOn('USD', 'EUR', '2026-10-02', 7)).toMatchObject({ ok: true, rate: expect.anything() });
    expect(JSON.stringify(rates.rateOn('USD', 'EUR', '2026-10-02', 7))).toContain(rate);
  }
});
