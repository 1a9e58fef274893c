import { z } from 'zod';
import { run } from './install.ts';
import { heldBy } from './pins.ts';
import { venv } from './python.ts';

/** A parser of Terraform's language. */
export const HCL = ['python-hcl2==8.1.4'] as const;

export async function installHcl() {
  return await venv('hcl', HCL, { constraints: heldBy('hcl') });
}

/** A text is quoted as it was written; an expression stands in `${...}`. */
const Blocks = z.record(z.string(), z.array(z.record(z.string(), z.unknown())));

/** The blocks of a file by their kind; throws where it is not the language. */
export async function readHcl(python: string, file: string) {
  const told = await run(python, [
    '-c',
    'import hcl2,json,sys; json.dump(hcl2.load(open(sys.argv[1])), sys.stdout)',
    file,
  ]);
  return Blocks.parse(JSON.parse(told));
}
