import { CommanderError } from 'commander';
import { diskFault } from '../platform/disk-fault.ts';
import { BursarError } from '../platform/errors.ts';
import { complain } from './io.ts';
import { program } from './program.ts';

/** Runs the command line; gives the exit code of the contract. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const bursar = program();
    await bursar.parseAsync([...argv], { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const told = error instanceof BursarError ? error : diskFault(error);
    if (told !== null) {
      complain(told.told);
      return told.exitCode;
    }
    complain(`a defect: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return 4;
  }
}

// A reader that closed the pipe (`| head`) has what it wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

// In a checkout npm runs its scripts in the project's folder: paths are still meant from where the caller stands.
const { npm_package_name: packageName, npm_lifecycle_event: script, INIT_CWD: caller } = process.env;
if (packageName === 'bursar' && (script === 'bursar' || script === 'demo') && caller) process.chdir(caller);

process.exitCode = await main(process.argv.slice(2));
