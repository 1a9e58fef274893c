import type { DigestContent } from './content-model.ts';
import { explained } from './explain.ts';
import { digestFormat } from './format.ts';
import { plain } from './names.ts';
import { wrap } from './terminal.ts';
import { freshness, headline } from './words.ts';

const WIDTH = 100;

/** `bursar digest --explain` for a terminal: each number, what it rests on, and how many rows told it. */
export function explainText(content: DigestContent): string {
  const format = digestFormat(content.timezone, content.locale);
  const lines = explained(content, format).flatMap(({ name, value, shown, source, queries, asOf, basis }) => {
    const asked =
      queries.length === 0
        ? 'the ledger'
        : queries
            .map(
              ({ query, rows }) =>
                `${plain(query, 80)} (${format.count(rows)} ${rows === 1 ? 'row' : 'rows'})`,
            )
            .join(', ');
    return [
      `${plain(name, 120)}: ${shown}`,
      ...wrap(
        `${value}; ${basis}; ${plain(source, 300)}; read by ${asked}; as of ${asOf ?? 'no bill'}`,
        WIDTH - 4,
      ).map((line) => `    ${line}`),
    ];
  });
  return `${[headline(content, format), freshness(content, format), '', ...lines, '', ...content.basis.flatMap((line) => wrap(line, WIDTH))].join('\n')}\n`;
}
