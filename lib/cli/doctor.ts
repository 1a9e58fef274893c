import { assembleCli } from '../run/assemble/cli.ts';
import { examine } from '../run/assemble/doctor.ts';
import { type CommonOptions, nowOf, print, terminalProgress } from './io.ts';
import { table } from './table.ts';

/** `bursar doctor`: exit 4 where something that the config asks for does not work. */
export async function doctor(options: CommonOptions): Promise<void> {
  const now = nowOf(options);
  const progress = terminalProgress();
  await using assembled = await assembleCli(options, now, progress);
  const examined = await examine(assembled, now, progress);
  progress.done();
  const text =
    options.format === 'json'
      ? JSON.stringify(examined, null, 2)
      : table(
          ['what', 'state', 'told', 'todo'],
          examined.map((each) => ({ ...each, todo: each.todo ?? '' })),
          'table',
        );
  await print(text, options);
  if (examined.some(({ state }) => state === 'fails')) process.exitCode = 4;
}
