import { spawn } from 'node:child_process';
import { NOTHING, type Tally } from './tally.ts';

/** The scripts of package.json that look at the code without running it. */
export const checks = ['check:format', 'check:lint', 'check:types', 'check:house'] as const;

/** Runs each, one after the other, as one test each; what it says is shown only where it fails. */
export async function runChecks(scripts: readonly string[]): Promise<Tally> {
  let tally = NOTHING;
  for (const script of scripts) {
    const { code, output } = await runScript(script);
    const isFine = code === 0;
    process.stdout.write(isFine ? `✓ ${script}\n` : `✗ ${script}\n${output}\n`);
    tally = {
      ...tally,
      passed: tally.passed + (isFine ? 1 : 0),
      failed: tally.failed + (isFine ? 0 : 1),
      failures: isFine ? tally.failures : [...tally.failures, script],
    };
  }
  return tally;
}

function runScript(script: string): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', ['run', '--silent', script], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const hear = (data: Buffer) => {
      output += data.toString();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}
