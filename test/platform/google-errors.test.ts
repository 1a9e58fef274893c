import { expect, test } from 'vitest';
import { googleError, googleFailure } from '../../lib/platform/google-errors.ts';

const CONTEXT = {
  call: 'compute.instances.aggregatedList',
  permission: 'compute.instances.list',
  where: 'gcp:acme-prod',
};

/** An answer as Google's REST APIs write it (AIP-193), as google-auth-library throws it. */
function answer(status: number, message: string, details: readonly unknown[], headers = {}) {
  const error = { code: status, message, status: 'PERMISSION_DENIED', details };
  return Object.assign(new Error(message), {
    response: { status, headers: new Headers(headers), data: { error } },
  });
}

function because(reason: string, message: string) {
  return answer(403, message, [
    { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'googleapis.com', metadata: {} },
  ]);
}

test.each([
  [
    'SECURITY_POLICY_VIOLATED',
    "Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: eYhDkfYCu",
    /kept out by VPC Service Controls.*eYhDkfYCu/,
    /ingress rule/,
  ],
  [
    'BILLING_DISABLED',
    'This API method requires billing to be enabled. Please enable billing on project #123.',
    /billing is disabled/,
    /billing account/,
  ],
  ['CONSUMER_INVALID', 'Project acme-prod has been deleted.', /was deleted/, /Leave the project out/],
  ['CONSUMER_SUSPENDED', "Consumer 'projects/123' has been suspended.", /suspended/, /console/],
  ['GCP_SUSPENDED', 'Access is suspended.', /suspended/, /console/],
  [
    'USER_PROJECT_DENIED',
    'Caller does not have required permission to use project acme-quota.',
    /quota project/,
    /serviceusage\.services\.use/,
  ],
])('%s is no right that the identity lacks on the things', (reason, message, what, hint) => {
  const error = googleError(because(reason, message), CONTEXT);
  expect(error).toMatchObject({ code: 'denied', where: 'gcp:acme-prod' });
  expect(error?.message).toMatch(what);
  expect(error?.hint).toMatch(hint);
  expect(error?.hint).not.toContain(CONTEXT.permission);
});

test.each([
  ['30s', 30],
  ['0.5s', 0.5],
  ['soon', null],
])('a body that asks to wait %s is heard', (retryDelay, seconds) => {
  const busy = answer(429, 'Quota exceeded', [
    { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'RATE_LIMIT_EXCEEDED' },
    { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay },
  ]);
  expect(googleFailure(busy).retryAfter).toBe(seconds);
});

test('a header that asks to wait comes before the body', () => {
  const busy = answer(429, 'Quota exceeded', [{ retryDelay: '30s' }], { 'retry-after': '2' });
  expect(googleFailure(busy).retryAfter).toBe(2);
});
