import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ROOT } from './cdk.ts';
import { CONFIGS, configOf, type Made, made } from './configs.ts';

/** Everything that a stack can hold: each alarm and output that the runbook names is in one of them. */
const WHOLE = `${CONFIGS.stop}sources: { tokens: { type: openai, key: { secret: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:openai" } } }\n`;

const page = readFileSync(join(ROOT, 'docs/runbook.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'bursar-runbook-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const Resources = z.record(
  z.string(),
  z.object({ Type: z.string(), Properties: z.looseObject({ AlarmName: z.string().optional() }).optional() }),
);
let stack: Made;
let resources: z.infer<typeof Resources>;
let outputs: string[];
beforeAll(() => {
  stack = made(folder, 'whole', configOf(WHOLE));
  const template = z
    .looseObject({ Resources, Outputs: z.record(z.string(), z.unknown()) })
    .parse(stack.template.toJSON());
  resources = template.Resources;
  outputs = Object.keys(template.Outputs);
});

/** All of a first group, each once. */
function named(form: RegExp, text = page): string[] {
  return [...new Set([...text.matchAll(form)].flatMap(([, name]) => (name === undefined ? [] : [name])))];
}

test('every alarm of the stack is in the table of alarms, and no other', () => {
  const deployed = Object.values(resources).flatMap(({ Properties }) =>
    Properties?.AlarmName === undefined ? [] : [Properties.AlarmName.replace(/^Bursar-/, '')],
  );
  expect(deployed.length).toBeGreaterThan(10);
  expect(named(/^\| `STACK-([\w-]+)`/gm).toSorted()).toEqual(deployed.toSorted());
  // Named in a text as well: of these, or of a collector in a VPC.
  for (const name of named(/STACK-([\w-]+)/g)) expect([...deployed, 'collectIn']).toContain(name);
});

test('every section that the page or the doctor leads to is there', () => {
  const headings = named(/^## (.+)$/gm);
  const anchors = headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
  for (const anchor of named(/\]\(#([\w-]+)\)/g)) expect(anchors).toContain(anchor);
  const told = ['doctor-queues', 'doctor-functions', 'doctor-ledger'].flatMap((file) =>
    named(/docs\/runbook\.md, "([^"]+)"/g, readFileSync(join(ROOT, `lib/run/assemble/${file}.ts`), 'utf8')),
  );
  expect(told.length).toBeGreaterThan(2);
  for (const heading of told) expect(headings).toContain(heading);
});

const alike = (id: string, type: string) =>
  Object.entries(resources).filter(([logicalId, each]) => logicalId.startsWith(id) && each.Type === type);

test('every output, function, log and schedule that a command asks for is one thing of the stack', () => {
  for (const name of named(/\$\(out (\w+)\)/g)) expect(outputs).toContain(name);
  const functions = [...named(/\$\(name (\w+)\)/g), ...named(/`name (\w+)`/g)];
  expect(functions.length).toBeGreaterThan(1);
  for (const name of functions) expect(alike(`${name}Function`, 'AWS::Lambda::Function')).toHaveLength(1);
  for (const name of [...named(/\$\(log (\w+)\)/g), ...named(/errors ([A-Z]\w+)/g)])
    expect(alike(`${name}Log`, 'AWS::Logs::LogGroup')).toHaveLength(1);
  // Before a restore nobody may write any more: every function is stopped, and each is let go again.
  expect(page.match(/for each in \$\(part '' AWS::Lambda::Function\); do/g)).toHaveLength(2);
  for (const [, id = '', type = ''] of page.matchAll(/\$\(part (\w+) (AWS::\w+::\w+)\)/g))
    expect(alike(id, type)).toHaveLength(1);
});

/** What the AWS command line adds to every operation, and what it does itself instead of one call. */
const ADDED = new Set(['query', 'output', 'max-items', 'cli-binary-format', 'cli-read-timeout']);
const OWN = new Set(['logs tail', 's3 ls', 'dynamodb wait']);
const CLIENTS: Readonly<Record<string, string>> = {
  logs: 'cloudwatch-logs',
  secretsmanager: 'secrets-manager',
  s3api: 's3',
};

/** Commands of the AWS command line, each with the options that stand behind it before the next. */
function awsCommands(): { service: string; operation: string; options: string[] }[] {
  const code = [
    ...[...page.matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)].map(([, block = '']) =>
      block.replaceAll(/\\\n/g, ' '),
    ),
    ...[...page.matchAll(/`(aws [^`]+)`/g)].map(([, line = '']) => line.replaceAll(/\n\s*/g, ' ')),
  ].join('\n');
  return [...code.matchAll(/\baws ([a-z][\w-]*) ([a-z][\w-]*)((?:(?!\baws [a-z])[^\n])*)/g)].map(
    ([, service = '', operation = '', rest = '']) => ({
      service,
      operation,
      options: named(/ --([a-z-]+)/g, rest),
    }),
  );
}

const Structure = z
  .tuple([z.number(), z.string(), z.string(), z.unknown(), z.array(z.string())])
  .rest(z.unknown());

describe('commands of AWS', () => {
  const commands = awsCommands();

  test('there are as many as the page writes', () => {
    expect(commands.length).toBe([...page.matchAll(/\baws (?!`)[a-z][\w-]* [a-z]/g)].length);
    expect(commands.length).toBeGreaterThan(30);
  });

  test.each(commands.filter(({ service, operation }) => !OWN.has(`${service} ${operation}`)))(
    'aws $service $operation takes $options',
    async ({ service, operation, options }) => {
      const name = operation.replaceAll(/(?:^|-)([a-z])/g, (_all, letter: string) => letter.toUpperCase());
      const sdk: Record<string, unknown> = await import(`@aws-sdk/client-${CLIENTS[service] ?? service}`);
      expect(Object.keys(sdk)).toContain(`${name}Command`);
      const [, , , , input] = z.array(z.unknown()).parse(sdk[`${name}$`]);
      const members = new Set(
        Structure.parse(typeof input === 'function' ? Reflect.apply(input, undefined, []) : input)[4].map(
          (member) => member.replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase(),
        ),
      );
      for (const option of options)
        expect(members.has(option) || ADDED.has(option) ? 'known' : `--${option}`).toBe('known');
    },
  );
});

test('a function that is started by hand is waited for: after a minute of silence the command starts it again', () => {
  const started = awsCommands().filter(({ operation }) => operation === 'invoke');
  expect(started.length).toBeGreaterThan(1);
  for (const { options } of started) expect(options).toContain('cli-read-timeout');
});

test('every command of bursar is one', () => {
  const { stdout } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(ROOT, 'lib/cli/main.ts'), '--help'],
    { encoding: 'utf8' },
  );
  const commands = named(/^ {2}([a-z]+)/gm, stdout);
  const used = named(/npx bursar ([a-z]+)/g);
  expect(used.length).toBeGreaterThan(8);
  for (const command of used) expect(commands).toContain(command);
});

test('rows are handed over by standard input: 25 of them are more than one argument of a command may be', () => {
  // MAX_ARG_STRLEN of Linux: 128 KiB (execve(2), "Limits on size of arguments and environment").
  expect(named(/batch-write-item --request-items (\S+)/g)).toEqual(['file:///dev/stdin']);
});

test('the scripts are ones of bash', () => {
  const scripts = [...page.matchAll(/^( *)```sh\n([\s\S]*?)^ *```/gm)].map(([, , text = '']) => text);
  expect(scripts.length).toBeGreaterThan(5);
  for (const script of scripts) {
    const { stderr, status } = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' });
    expect({ script, stderr, status }).toEqual({ script, stderr: '', status: 0 });
  }
});
