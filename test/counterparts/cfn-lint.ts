import { spawn } from 'node:child_process';
import { heldBy } from './pins.ts';
import { venv } from './python.ts';

/** AWS's linter of CloudFormation templates. */
export const CFN_LINT = ['cfn-lint==1.58.0'] as const;

export async function installCfnLint() {
  return await venv('cfn-lint', CFN_LINT, { constraints: heldBy('cfn-lint') });
}

/**
 * What cfn-lint finds wrong with templates, one line each, beginning with its template; empty where they are fine. One
 * process for all of them: it loads AWS's schemas once.
 *
 * @param python interpreter of its environment: `inject('cfnLint').python` in project `cfnlint`.
 * @param ignored rule ids that are left out, for example `W3005` (a DependsOn that a reference implies).
 */
export function lintTemplates(
  python: string,
  templates: readonly string[],
  ignored: readonly string[] = [],
): Promise<readonly string[]> {
  const args = ['-m', 'cfnlint.runner.cli', '--format', 'parseable', '--template', ...templates];
  if (ignored.length > 0) args.push('--ignore-checks', ...ignored);
  return new Promise((resolve, reject) => {
    const child = spawn(python, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let found = '';
    let errors = '';
    child.stdout.on('data', (data: Buffer) => {
      found += data.toString();
    });
    child.stderr.on('data', (data: Buffer) => {
      errors += data.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => {
      const lines = found.split('\n').filter(Boolean);
      // Its exit code is a bit mask of what it found; without a finding only 0 is a judgement.
      if (lines.length > 0 || code === 0) resolve(lines);
      else reject(new Error(`cfn-lint ended with ${code}: ${errors.slice(-2000)}`));
    });
  });
}
