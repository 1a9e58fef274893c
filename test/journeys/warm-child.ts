import { on } from 'node:events';
import { z } from 'zod';
import { main } from '../../lib/cli/main.ts';

// Runs the command lines that its parent sends (test/journeys/warm.ts), one after the other, and sends what each told.
// Started with an argument that is over at once, since the command line begins as soon as it is loaded.

const Given = z
  .tuple([z.object({ args: z.array(z.string()), cwd: z.string(), env: z.record(z.string(), z.string()) })])
  .rest(z.unknown());
let told = { stdout: '', stderr: '' };

function keep(name: keyof typeof told): void {
  process[name].write = (chunk: string | Uint8Array, ...rest: readonly unknown[]) => {
    told[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    const done = rest.at(-1);
    if (typeof done === 'function') done();
    return true;
  };
}

keep('stdout');
keep('stderr');
const asked = on(process, 'message');
process.once('disconnect', () => process.exit(0));
process.send?.('ready');
for await (const given of asked) {
  told = { stdout: '', stderr: '' };
  process.exitCode = undefined;
  const [{ args, cwd, env }] = Given.parse(given);
  process.chdir(cwd);
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
  const code = await main(args);
  process.send?.({ code, ...told });
}
