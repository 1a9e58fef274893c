import { plain } from '../digest/names.ts';
import { wrap } from '../digest/terminal.ts';
import { assembleCli } from '../run/assemble/cli.ts';
import { examine } from '../run/assemble/doctor.ts';
import { examineDeployed } from '../run/assemble/doctor-deployed.ts';
import type { Examined } from '../run/assemble/examined.ts';
import { type CommonOptions, nowOf, print, terminalProgress } from './io.ts';
import { tableWidth } from './manners.ts';

export interface DoctorOptions extends CommonOptions {
  /** A deployed stack by its name; true: that of the config. */
  readonly stack?: string | true;
}

/** `bursar doctor`: exit 4 where something that the config asks for does not work. */
export async function doctor(options: DoctorOptions): Promise<void> {
  const now = nowOf(options);
  const progress = terminalProgress();
  const { stack, config } = options;
  if (stack !== undefined) {
    const found = await examineDeployed(config ?? null, stack === true ? null : stack, now, progress);
    progress.done();
    await printExamined(found, options);
    return;
  }
  await using assembled = await assembleCli(options, now, progress);
  const examined = await examine(assembled, now, progress);
  progress.done();
  await printExamined(examined, options);
}

/** What was examined, a paragraph each; exit 4 where something fails. */
export async function printExamined(examined: readonly Examined[], options: CommonOptions): Promise<void> {
  const text =
    options.format === 'json' ? JSON.stringify(examined, null, 2) : examined.flatMap(lines).join('\n');
  await print(text, options);
  if (examined.some(({ state }) => state === 'fails')) process.exitCode = 4;
}

const STATE = {
  works: 'works ',
  fails: 'FAILS ',
  'not tried': '?     ',
  'not configured': '-     ',
} as const;
const WIDEST = 100;

/** Whole sentences on lines of their own: what to do must never be cut short. */
function lines({ what, state, told, todo }: Examined): string[] {
  const [first = '', ...more] = [`${plain(what, 80)}: ${told}`, ...(todo === null ? [] : [todo])]
    .flatMap((text) => text.split('\n'))
    .flatMap((text, at) =>
      wrap(plain(text, 2000), Math.min(WIDEST, tableWidth()) - 8).map((line) =>
        at === 0 ? line : `  ${line}`,
      ),
    );
  return [`${STATE[state]}${first}`, ...more.map((line) => `      ${line}`)];
}
