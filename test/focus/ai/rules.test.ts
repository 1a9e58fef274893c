import { readFileSync } from 'node:fs';
import { _InstanceType } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { CLASS_RULES } from '../../../lib/focus/ai/class-rules.ts';
import { AWS_ACCELERATED } from '../../../lib/focus/ai/class-rules-aws.ts';
import { AI_CLASSES, AI_SPEND, FIELDS } from '../../../lib/focus/ai/model.ts';
import { TOKEN_RULES } from '../../../lib/focus/ai/token-rules.ts';

/** EC2 families with a GPU or an AI accelerator (EC2 User Guide, accelerated computing); F and VT are neither. */
const ACCELERATED = /^(p|g|gr|trn|inf|dl)\d/;
const isAccelerated = (type: string) => new RegExp(`^${AWS_ACCELERATED}$`).test(type);

describe('rules of AI classes and tokens', () => {
  test('know every accelerated instance type of the SDK and no other', () => {
    const types = Object.values(_InstanceType);
    expect(types.length).toBeGreaterThan(800);
    expect(types.filter(isAccelerated)).toEqual(types.filter((type) => ACCELERATED.test(type)));
    expect(types.filter(isAccelerated)).toContain('p5.48xlarge');
  });

  test('each has an id of its own, a source with a date, and at least one condition', () => {
    const rules = [...CLASS_RULES, ...TOKEN_RULES];
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
    for (const { id, source, when } of rules) {
      expect([id, source]).toEqual([id, expect.stringMatching(/20\d\d/)]);
      expect(Object.keys(when).length).toBeGreaterThan(0);
    }
  });

  test('patterns are of the subset that JavaScript, RE2 and Java read alike', () => {
    const patterns = [
      ...[...CLASS_RULES, ...TOKEN_RULES].flatMap(({ when }) => [
        ...Object.keys(FIELDS).flatMap((field) => Reflect.get(when, field) ?? []),
        ...(when.machine === undefined ? [] : [when.machine]),
      ]),
      ...TOKEN_RULES.flatMap(({ model, version }) => [model?.pattern ?? '', version?.pattern ?? '']),
    ];
    for (const pattern of patterns) {
      expect(pattern).not.toMatch(/\(\?[=!<]|\\[1-9k]/);
      expect(() => new RegExp(pattern)).not.toThrow();
    }
  });

  test('AI spend is every class but the two that are none, and no built-in rule guesses unknown', () => {
    expect([...AI_SPEND, 'not AI', 'unknown']).toEqual(AI_CLASSES);
    expect(CLASS_RULES.filter((rule) => rule.class === 'unknown')).toEqual([]);
  });

  test('are all in docs/attribution.md', () => {
    const page = readFileSync(new URL('../../../docs/attribution.md', import.meta.url), 'utf8');
    for (const name of AI_CLASSES) expect(page).toContain(name);
  });
});
