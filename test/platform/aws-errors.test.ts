import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import * as fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';
import { awsError } from '../../lib/platform/aws-errors.ts';
import { sessionName } from '../../lib/platform/aws-sessions.ts';
import { BursarError } from '../../lib/platform/errors.ts';

const context = { action: 'ec2:DescribeInstances', where: 'aws:111122223333:us-east-1' };

function sdkError(name: string, status: number, message = 'm'): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });
}

test.each([
  ['UnauthorizedOperation', 403, 'denied'],
  ['AccessDenied', 403, 'denied'],
  ['AccessDeniedException', 400, 'denied'],
  ['RequestLimitExceeded', 503, 'throttled'],
  ['ThrottlingException', 400, 'throttled'],
  ['SomethingNew', 429, 'throttled'],
  ['ExpiredToken', 400, 'credentials'],
  ['UnrecognizedClientException', 400, 'credentials'],
  ['InternalError', 500, 'unavailable'],
  ['InvalidParameterValue', 400, 'unavailable'],
])('%s (%i) is %s', (name, status, code) => {
  const told = awsError(sdkError(name, status), context);
  expect(told).toMatchObject({ code, where: context.where });
  expect(told?.hint).not.toBe('');
});

test('a client that nobody told a region says what to set, and is no defect', async () => {
  vi.stubEnv('AWS_REGION', undefined);
  vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent');
  onTestFinished(() => void vi.unstubAllEnvs());
  const asked = new STSClient({}).send(new GetCallerIdentityCommand());
  const error: unknown = await asked.catch((thrown: unknown) => thrown);
  expect(awsError(error, { action: 'sts:GetCallerIdentity', where: 'aws' })).toMatchObject({
    code: 'config',
    message: 'no region of AWS is named for sts:GetCallerIdentity',
  });
});

test('a failure before any answer is told by what it is', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  expect(awsError(refused, context)).toMatchObject({ code: 'unavailable' });
  const none = Object.assign(new Error('Could not load credentials from any providers'), {
    name: 'CredentialsProviderError',
  });
  expect(awsError(none, context)).toMatchObject({ code: 'credentials' });
});

const USER = 'User: arn:aws:sts::111122223333:assumed-role/BursarRead/bursar is not authorized to perform:';
test.each([
  ['with an explicit deny in a service control policy', 'The service control policy denies it'],
  [
    'with an explicit deny in a service control policy: arn:aws:organizations::1:policy/o-1/service_control_policy/p-1',
    'The service control policy denies it',
  ],
  ['with an explicit deny in a resource control policy', 'The resource control policy denies'],
  ['with an explicit deny in a permissions boundary', 'The permissions boundary denies it'],
  ['with an explicit deny in an identity-based policy', 'The identity-based policy denies it'],
  [
    'with an explicit deny in a VPC endpoint policy',
    'The VPC endpoint policy denies it, whatever else allows it',
  ],
  [
    'because no service control policy allows the ec2:DescribeInstances action',
    'The service control policy does not allow it',
  ],
  ['because no permissions boundary allows the action', 'The permissions boundary does not allow it'],
  ['because no session policy allows the action', 'The session policy does not allow it'],
  ['because no identity-based policy allows the action', 'Allow ec2:DescribeInstances to the role'],
])('a refusal %s: who must allow it', (why, hint) => {
  for (const before of ['', 'You are not authorized to perform this operation. ']) {
    const message = `${before}${USER} ec2:DescribeInstances ${why}`;
    expect(awsError(sdkError('UnauthorizedOperation', 403, message), context)).toMatchObject({
      code: 'denied',
      hint: expect.stringContaining(hint),
    });
  }
});

test('the action that AWS names is the one to allow', () => {
  const message =
    'User: arn:aws:iam::1:user/a is not authorized to perform: cloudwatch:GetMetricData on resource: *';
  expect(awsError(sdkError('AccessDenied', 403, message), context)?.hint).toContain(
    'Allow cloudwatch:GetMetricData',
  );
  expect(awsError(sdkError('AccessDenied', 403, 'no'), context)?.hint).toContain(
    'Allow ec2:DescribeInstances',
  );
});

test('what is no answer of AWS is left as it is: a defect is not told as an outage', () => {
  expect(awsError(new TypeError('x'), context)).toBeNull();
  expect(awsError('thrown', context)).toBeNull();
  const ours = new BursarError('config', 'm');
  expect(awsError(ours, context)).toBe(ours);
});

test('a session name is always one that AssumeRole takes', () => {
  expect(sessionName('f-abc 7')).toBe('f-abc-7');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(sessionName(text)).toMatch(/^[A-Za-z0-9_+=,.@-]{2,64}$/);
    }),
  );
});
