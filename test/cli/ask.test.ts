import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { asker, GivenUp, type Read } from '../../lib/cli/ask.ts';
import * as read from '../../lib/cli/init-answers.ts';

function typed(keys: string) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const asking = asker(input, output);
  input.write(keys);
  return {
    asking,
    end: () => input.end(),
    shown: async () => {
      asking.close();
      output.end();
      return await text(output);
    },
  };
}

const digits = (answer: string): Read<number> =>
  /^\d+$/.test(answer) ? { ok: true, value: Number(answer) } : { ok: false, expected: 'digits' };

describe('questions', () => {
  test('are asked again until the answer is one, and an empty answer is the usual one', async () => {
    const { asking, shown } = typed('x\n7\n\n');
    expect(await asking.ask('How many', '3', digits)).toBe(7);
    expect(await asking.ask('And then', '3', digits)).toBe(3);
    const all = await shown();
    expect(all).toContain('How many [3]: ');
    expect(all).toContain('expected digits');
  });

  test('what is typed ahead counts, each line for its question', async () => {
    const { asking } = typed('1\n2\n3\n');
    const answers = [];
    for (const question of ['a', 'b', 'c']) answers.push(await asking.ask(question, '', digits));
    expect(answers).toEqual([1, 2, 3]);
  });

  test('a secret is not taken, and not repeated beside its question', async () => {
    const { asking, shown } = typed('xoxb-123456789012-abcdefghijklmnop\nAcme\n');
    expect(await asking.ask('Name', '', read.readName)).toBe('Acme');
    expect(await shown()).toContain('expected no secret, and this looks like a Slack token');
  });

  test.each([['\u0003'], ['\u0004']])('%j ends them', async (key) => {
    const { asking } = typed(key);
    await expect(asking.ask('Name', 'Acme', read.readName)).rejects.toThrow(GivenUp);
  });

  test('so does the end of what is typed, and all questions after it', async () => {
    const { asking, end } = typed('Acme\n');
    expect(await asking.ask('Name', '', read.readName)).toBe('Acme');
    end();
    await expect(asking.ask('More', '', read.readName)).rejects.toThrow(GivenUp);
    await expect(asking.ask('More', '', read.readName)).rejects.toThrow(GivenUp);
  });
});

describe('answers', () => {
  test.each([
    [
      read.readExport,
      's3://acme-bills/focus/',
      { type: 'aws-focus-export', bucket: 'acme-bills', prefix: 'focus' },
    ],
    [read.readExport, 's3://acme-bills', { type: 'aws-focus-export', bucket: 'acme-bills', prefix: '' }],
    [read.readAccounts, '012345678901, 111122223333', ['012345678901', '111122223333']],
    [read.readAccounts, 'own', 'own'],
    [read.readAccounts, 'none', null],
    [read.readProjects, 'acme-prod,acme-dev', ['acme-prod', 'acme-dev']],
    [read.readKinds, '6, 1,1', ['focus-file', 'aws-focus-export']],
    [read.readKinds, 'none', []],
    [read.readCurrency, 'eur', 'EUR'],
    [read.readDomains, 'Acme.com , acme.de', ['acme.com', 'acme.de']],
    [read.readChannel, 'none', null],
    [read.readTags, 'owner,Owner', ['owner', 'Owner']],
  ] as const)('%o reads %j as %j', (reader, answer, value) => {
    expect(reader(answer)).toEqual({ ok: true, value });
  });

  test.each([
    [read.readExport, 'acme-bills/focus'],
    [read.readExport, ''],
    [read.readTable, 'dataset.table'],
    [read.readAccounts, '12345'],
    [read.readProjects, 'A'],
    [read.readKinds, '7'],
    [read.readKinds, '1,x'],
    [read.readCurrency, 'EURO'],
    [read.readTimeZone, 'Berlin'],
    [read.readChannel, 'finops'],
    [read.readDomains, '@acme.com'],
    [read.readName, ' '],
  ] as const)('%o refuses %j and says what it expects', (reader, answer) => {
    expect(reader(answer)).toEqual({ ok: false, expected: expect.stringMatching(/\w{3}/) });
  });
});
