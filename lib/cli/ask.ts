import { createInterface } from 'node:readline';
import { findSecrets } from '../config/secrets.ts';

/** An answer as it is meant, or what was expected instead: words that follow "expected". */
export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly expected: string };

export interface Asker {
  /** Asks until `read` takes the answer; an empty one means `fallback`. Throws `GivenUp` where nobody answers. */
  ask<T>(question: string, fallback: string, read: (answer: string) => Read<T>): Promise<T>;
  close(): void;
}

/** Ctrl-C, or the end of what is typed. */
export class GivenUp extends Error {}

/** Asks on a terminal, a line a question; what is typed ahead counts. */
export function asker(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Asker {
  const line = createInterface({ input, output, terminal: true, historySize: 0 });
  let ended = false;
  line.once('SIGINT', () => line.close());
  line.once('close', () => {
    ended = true;
  });
  const lines = line[Symbol.asyncIterator]();
  return {
    async ask(question, fallback, read) {
      for (;;) {
        if (!ended) {
          line.setPrompt(`${question}${fallback === '' ? '' : ` [${fallback}]`}: `);
          line.prompt();
        }
        const { value, done } = await lines.next();
        if (done === true) throw new GivenUp('nobody answered');
        const answer = value.trim() === '' ? fallback : value.trim();
        const [secret] = findSecrets(answer);
        const taken: ReturnType<typeof read> =
          secret === undefined
            ? read(answer)
            : {
                ok: false,
                expected: `no secret, and this looks like ${secret.what}: the file only names where it is`,
              };
        if (taken.ok) return taken.value;
        output.write(`  expected ${taken.expected}\n`);
      }
    },
    close: () => line.close(),
  };
}
