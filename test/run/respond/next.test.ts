import { expect, test } from 'vitest';
import { nextRecipient } from '../../../lib/run/respond/next.ts';
import { machine, story, TO_CHANNEL } from '../../notices/story.ts';

const owned = story(machine()).record;
if (owned === null) throw new Error('it was judged');
const passed = (...ids: string[]) => ({
  ...owned,
  life: owned.life === null ? null : { ...owned.life, passed: ids },
});

test('whoever answers for the account, then the fallback, then nobody: each is asked once', () => {
  const next = nextRecipient({ accounts: { '111122223333': 'ben@acme.example' }, channel: '#finops' });
  expect(next(owned)).toEqual({
    kind: 'owner',
    id: 'ben@acme.example',
    person: null,
    source: 'account 111122223333',
  });
  expect(next(passed('ben@acme.example'))).toEqual(TO_CHANNEL);
  expect(next(passed('ben@acme.example', '#finops'))).toBeNull();
});

test('the fallback is never an owner, not even where it is one person', () => {
  const next = nextRecipient({ accounts: {}, channel: 'head@acme.example' });
  expect(next(owned)).toMatchObject({ kind: 'channel', id: 'head@acme.example' });
});

test('a channel that stands for an account is no owner', () => {
  const next = nextRecipient({ accounts: { '111122223333': '#platform' }, channel: null });
  expect(next(owned)).toMatchObject({ kind: 'channel', id: '#platform' });
});
