import type { DigestContent } from '../../lib/digest/content-model.ts';
import { digestEmail } from '../../lib/digest/email.ts';
import { explained } from '../../lib/digest/explain.ts';
import { digestFormat } from '../../lib/digest/format.ts';
import { plain } from '../../lib/digest/names.ts';
import { digestAnnouncement } from '../../lib/digest/slack.ts';
import { digestText } from '../../lib/digest/text.ts';
import { linesOf } from './said.ts';

/** Dates and times as en-US writes them, and days as bills do. */
const MOMENTS =
  /\b\d{4}-\d{2}(-\d{2})?\b|\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{1,2}( ?– ?((Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) )?\d{1,2})?(, \d{4})?|\b\d{2}:\d{2}\b|GMT[+-]\d+/g;
/** Places in a list, and the stretch that tag coverage and untagged spend are always of. */
const PLACES =
  /\d+ of (?=[\d,]+$)|\d+ of (?=[\d,]+, all of them)|^Findings \d+ to \d+ of |^Decision \d+$|\b30 days\b/g;
const NUMBER = /[$€£¥]?\d(?:[\d.,]*\d)?[KMBT]?%?/g;
const LENGTHS = [16, 20, 28, 30, 34, 40, 48, 60, 120, 160, 200, 240, 300, 600];

/** What is always a name, though it may be digits alone: an account of AWS is called by twelve, a machine by four. */
const NAMES = new Set([
  'title',
  'titles',
  'accountId',
  'account',
  'owner',
  'region',
  'model',
  'project',
  'service',
]);

/** Every text in a digest's content that is no amount: names that others chose, reasons, sentences of analysis. */
function namesIn(value: unknown, key = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => namesIn(each, key));
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([name, each]) => namesIn(each, name));
  if (typeof value !== 'string' || !/\d/.test(value)) return [];
  return NAMES.has(key) || /^\d{12}$/.test(value) || !/^-?[\d.]+$/.test(value) ? [value] : [];
}

/** Names with digits in each way in which a rendering may shorten them, the longest first. */
function maskOf(content: DigestContent): string[] {
  const names = namesIn(content).flatMap((name) => [
    name,
    name.replace(/^arn:(?:[^:]*:){4}/s, ''),
    name.replace(/@.*$/s, ''),
    name.replace(/\.$/, ''),
  ]);
  const forms = names.flatMap((name) => [name, ...LENGTHS.map((most) => plain(name, most))]);
  return [...new Set(forms)].filter((form) => /\d/.test(form)).toSorted((a, b) => b.length - a.length);
}

function numbersIn(text: string): string[] {
  return text.match(NUMBER) ?? [];
}

/** What a digest says, by the name of its rendering, a line each. Tags of the mail are gone, its entities written out. */
function renderings(content: DigestContent): Record<string, string[]> {
  const { message, thread } = digestAnnouncement(content);
  const mail = digestEmail(content)
    .replace(/<style.*?<\/style>|<title.*?<\/title>/gs, '')
    .replace(/<\/?(b|bdi)>/g, '')
    .replace(/<[^>]*aria-label="([^"]*)"[^>]*>/g, '\n$1\n')
    .replace(/<[^>]+>/g, '\n')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
  // A terminal wraps; a paragraph is one line again.
  const text = digestText(content).replace(/\n {2,}(?=\S)/g, ' ');
  return {
    message: [message.text, ...linesOf(message.blocks)],
    thread: thread.flatMap(({ text: title, blocks, plainer }) => [
      title,
      ...linesOf(blocks),
      ...linesOf(plainer?.blocks ?? []),
    ]),
    text: text.split('\n'),
    mail: mail.split('\n'),
  };
}

/** How many numbers each rendering shows, and those that `--explain` does not list (en-US). */
export function traced(content: DigestContent): Record<string, { shown: number; untraced: string[] }> {
  const format = digestFormat(content.timezone, content.locale);
  const known = new Set(explained(content, format).flatMap(({ shown }) => numbersIn(shown)));
  const mask = maskOf(content);
  return Object.fromEntries(
    Object.entries(renderings(content)).map(([name, lines]) => {
      const all = lines.flatMap((line) => {
        const bare = mask.reduce((left, form) => left.replaceAll(form, '~'), line);
        const numbers = numbersIn(
          bare.replaceAll(/\s+/g, ' ').trim().replaceAll(MOMENTS, '~').replaceAll(PLACES, ''),
        );
        return numbers.map((number) => ({ number, line: bare }));
      });
      const untraced = all
        .filter(({ number }) => !known.has(number))
        .map(({ number, line }) => `${number} in: ${line.trim()}`);
      return [name, { shown: all.length, untraced: [...new Set(untraced)] }];
    }),
  );
}
