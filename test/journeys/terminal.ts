import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pythonFor } from '../counterparts/python.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'lib', 'cli', 'main.ts');

const DRIVER = `
import fcntl, json, os, pty, select, struct, sys, termios, time
typed, wide = json.loads(sys.argv[1])
pid, terminal = pty.fork()
if pid == 0:
    time.sleep(0.2)
    os.execv(sys.argv[2], sys.argv[2:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', 40, wide, 0, 0))
shown, seen = b'', 0
end = time.time() + 90
while time.time() < end:
    if typed and shown.find(typed[0][0].encode(), seen) >= 0:
        seen = len(shown)
        os.write(terminal, typed.pop(0)[1].encode())
    if select.select([terminal], [], [], 0.05)[0]:
        try:
            part = os.read(terminal, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part
sys.stdout.buffer.write(shown)
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

/**
 * Runs the command line on a pseudo-terminal of `wide` columns, types keys into it, each after the text before it
 * appeared, and gives all that was shown. Python's standard library has one (module pty); Node.js has none.
 */
export async function onTerminal(
  args: readonly string[],
  cwd: string,
  {
    typed = [],
    wide = 80,
    env = {},
  }: {
    readonly typed?: readonly (readonly [after: string, keys: string])[];
    readonly wide?: number;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<{ readonly code: number | null; readonly shown: string }> {
  const python = await pythonFor('3.11');
  if (python === null)
    throw new Error('there is no Python 3.11 or newer, whose module pty makes the terminal');
  const child = spawn(
    python.path,
    [
      '-c',
      DRIVER,
      JSON.stringify([typed, wide]),
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      MAIN,
      ...args,
    ],
    {
      cwd,
      env: {
        PATH: process.env['PATH'],
        HOME: cwd,
        TERM: 'xterm',
        NODE_COMPILE_CACHE: join(tmpdir(), 'bursar-compile-cache'),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const [shown, trouble] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (trouble !== '') throw new Error(trouble);
  return { code: child.exitCode, shown: shown.replaceAll('\r\n', '\n') };
}
