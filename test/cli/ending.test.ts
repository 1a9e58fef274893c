import { describe, expect, test } from 'vitest';
import { formatOfEnding, isAnother } from '../../lib/cli/ending.ts';
import { program } from '../../lib/cli/program.ts';

const DIGEST = ['text', 'json', 'html', 'email', 'slack'];
const ROLES = ['text', 'json', 'cloudformation', 'terraform', 'gcloud', 'google-terraform'];

describe('the format that the ending of a file means', () => {
  test.each([
    ['report.html', DIGEST, 'html'],
    ['a.b/REPORT.HTM', DIGEST, 'html'],
    ['report.json', DIGEST, 'json'],
    ['report.txt', DIGEST, 'text'],
    ['spend.csv', ['table', 'csv', 'json'], 'csv'],
    ['spend.txt', ['table', 'csv', 'json'], 'table'],
    ['cost.md', ['text', 'json', 'markdown'], 'markdown'],
    ['roles.tf', ROLES, 'terraform'],
    ['roles.yaml', ROLES, 'cloudformation'],
    ['roles.sh', ROLES, 'gcloud'],
    ['reader.yml', ['text', 'cloudformation'], 'cloudformation'],
    ['reader.json', ['text', 'cloudformation'], null],
    ['manifest.json', ['json'], 'json'],
    ['report.csv', DIGEST, null],
    ['report.eml', DIGEST, null],
    ['report', DIGEST, null],
    ['html', DIGEST, null],
    ['.html', DIGEST, null],
    ['report.html.bak', DIGEST, null],
  ])('%s of %j: %s', (file, formats, meant) => {
    expect(formatOfEnding(file, formats)).toBe(meant);
  });

  test('a name that says another format than the one written is known; one that says none is not', () => {
    expect(isAnother('x.csv', 'text')).toBe(true);
    expect(isAnother('x.eml', 'email')).toBe(true);
    expect(isAnother('x.json', 'slack')).toBe(false);
    expect(isAnother('x.log', 'text')).toBe(false);
    expect(isAnother('x', 'text')).toBe(false);
  });

  test('every format of a command that writes a file has an ending, and help says that it counts', () => {
    const formats = program()
      .commands.filter((each) => !['demo', 'export'].includes(each.name()))
      .flatMap((each) => each.options.filter(({ long }) => long === '--format'));
    expect(formats.length).toBeGreaterThan(20);
    const endings = ['txt', 'csv', 'json', 'html', 'md', 'yaml', 'tf', 'sh'];
    const unnamed = formats
      .flatMap(({ argChoices = [] }) => argChoices)
      .filter((format) => !endings.some((ending) => formatOfEnding(`x.${ending}`, [format]) === format));
    expect(unnamed).toEqual([]);
    const silent = formats
      .filter(({ argChoices = [] }) => argChoices.length > 1)
      .filter(({ defaultValueDescription = '' }) => !defaultValueDescription.includes('--out'));
    expect(silent.map(({ flags, argChoices }) => [flags, argChoices])).toEqual([]);
  });
});
