import { expect, test } from 'vitest';
import { policyNow, type TermsSettings } from '../../lib/run/terms.ts';

const settings: TermsSettings = {
  policies: [
    { check: '*', where: { aiClass: ['inference', 'vector store'] }, mode: 'warn' },
    { check: '*', where: { aiClass: 'GPU compute' }, mode: 'stop', grace: '1d' },
  ],
  production: ['prod'],
  dimensions: {},
  ownerOf: () => null,
  accounts: {},
  fallback: null,
};

test.each([
  ['idle-gpu', 'aws:ec2:instance', 'stop'],
  ['idle-gpu', 'aws:sagemaker:endpoint', 'warn'],
  ['untagged', 'aws:sagemaker:endpoint', 'warn'],
  ['stale-embeddings', 'pgvector:index', 'warn'],
  ['untagged', 'aws:ec2:instance', 'flag'],
  ['unattached-volume', 'aws:ec2:volume', 'flag'],
])('a policy for an AI class: %s of %s is %s', (check, resourceType, mode) => {
  const subject = {
    check,
    provider: 'aws' as const,
    accountId: '111122223333',
    resourceType,
    monthlyCost: null,
  };
  expect(policyNow(subject, {}, settings).mode).toBe(mode);
});
