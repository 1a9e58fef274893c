import type { TestProject } from 'vitest/node';
import { installCfnLint } from './cfn-lint.ts';

/** Project `cfnlint`: the linter of templates, which needs no server. */
export default async function setup(project: TestProject): Promise<void> {
  project.provide('cfnLint', { python: (await installCfnLint()).python });
}
