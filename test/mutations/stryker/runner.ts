import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { INSTRUMENTER_CONSTANTS, type MutantCoverage } from '@stryker-mutator/api/core';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  type CompleteDryRunResult,
  type DryRunOptions,
  type DryRunResult,
  DryRunStatus,
  determineHitLimitReached,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import { type File, type Suite, startTests, type Task, type Test, type VitestRunner } from '@vitest/runner';
import { provideWorker, startCounterparts, testFiles, type Worker } from './environment.ts';
import { chosenPart } from './parts.ts';

/** The mutant of a run. `whole`: active from the beginning, also while modules are loaded. */
interface Active {
  readonly id: string;
  readonly whole: boolean;
}

/**
 * Vitest's own runner of tests inside the process that StrykerJS gives us. A worker of vitest for each mutant and
 * file takes half a second to begin; here modules are loaded once, and a mutant that is only met while they are
 * loaded gets a process of its own from StrykerJS (`reloadEnvironment: false`).
 */
class InProcess implements TestRunner {
  readonly #context: Context = sharedContext();
  readonly #stray: unknown[] = [];
  #worker: Worker = { provided: {} };
  #files: readonly string[] = [];
  #slow: readonly string[] = [];
  #loads = 0;

  capabilities(): { reloadEnvironment: boolean } {
    return { reloadEnvironment: false };
  }

  async init(): Promise<void> {
    process.on('unhandledRejection', (reason) => void this.#stray.push(reason));
    this.#worker = provideWorker();
    const part = chosenPart(process.env['BURSAR_MUTATE']);
    this.#files = testFiles(part);
    this.#slow = part.slow;
    await startCounterparts(part.globalSetup, this.#worker);
  }

  async dryRun({ disableBail, files = [] }: DryRunOptions): Promise<DryRunResult> {
    // What is met now is met at loading; what test files and their fixtures meet while they are collected is neither
    // that nor a test, and counts for nothing.
    for (const file of files) await import(pathToFileURL(file).href);
    const result = await this.#run(this.#files, null, disableBail, null);
    const { mutantCoverage } = this.#context;
    if (mutantCoverage !== undefined) delete mutantCoverage.perTest[COLLECTING];
    return mutantCoverage === undefined || result.status !== DryRunStatus.Complete
      ? result
      : { ...result, mutantCoverage };
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, mutantActivation, testFilter, hitLimit, disableBail } = options;
    const context = this.#context;
    context.hitCount = hitLimit === undefined ? undefined : 0;
    context.hitLimit = hitLimit;
    const wanted = testFilter === undefined ? null : new Set(testFilter);
    const files =
      wanted === null
        ? this.#files
        : this.#files.filter((file) => [...wanted].some((id) => id.startsWith(`${file}#`)));
    const mutant = { id: activeMutant.id, whole: mutantActivation === 'static' };
    const result = await this.#run(files, wanted, disableBail, mutant);
    return toMutantRunResult(determineHitLimitReached(context.hitCount, hitLimit) ?? result);
  }

  /** Runs files one after another until a test fails, with the mutant active while tests run. */
  async #run(
    files: readonly string[],
    wanted: ReadonlySet<string> | null,
    disableBail: boolean,
    mutant: Active | null,
  ): Promise<DryRunResult> {
    const tests: TestResult[] = [];
    this.#stray.length = 0;
    const errors: string[] = [];
    for (const file of files) {
      const failed = await this.#runFile(file, wanted, disableBail, mutant, tests, errors);
      if (failed && !disableBail) break;
    }
    errors.push(...this.#stray.map((reason) => `not awaited: ${String(reason)}`));
    const [first] = errors;
    if (first !== undefined && !tests.some(({ status }) => status === TestStatus.Failed))
      return { status: DryRunStatus.Error, errorMessage: first };
    return { status: DryRunStatus.Complete, tests } satisfies CompleteDryRunResult;
  }

  #wanted(test: Test, ids: ReadonlySet<string> | null): boolean {
    return ids === null ? !this.#slow.some((name) => test.name.startsWith(name)) : ids.has(idOf(test));
  }

  /** Whether a test failed. `errors`: what went wrong outside of tests, as where the file could not even be loaded. */
  async #runFile(
    path: string,
    wanted: ReadonlySet<string> | null,
    disableBail: boolean,
    mutant: Active | null,
    results: TestResult[],
    errors: string[],
  ): Promise<boolean> {
    const context = this.#context;
    let failed = false;
    // While files are loaded only a mutant of what is done at loading may be met, in whichever file.
    context.activeMutant = mutant?.whole === true ? mutant.id : undefined;
    context.currentTestId = COLLECTING;
    const runner: VitestRunner = {
      config: CONFIG,
      importFile: (file) => import(`${pathToFileURL(file).href}?load=${(this.#loads += 1)}`),
      onCollected: (collected) => {
        for (const file of collected) keepOnly(file, (test) => this.#wanted(test, wanted));
        context.currentTestId = undefined;
        if (mutant !== null) context.activeMutant = mutant.id;
      },
      onBeforeRunTask: (test) => {
        if (failed && !disableBail) test.mode = 'skip';
        if (mutant === null) context.currentTestId = idOf(test);
      },
      onAfterRunTask: (test) => {
        context.currentTestId = undefined;
        failed ||= test.result?.state === 'fail';
      },
    };
    const files = await startTests([join(process.cwd(), path)], runner);
    for (const file of files) {
      for (const test of testsOf(file)) {
        const result = resultOf(test);
        if (result !== null) results.push(result);
      }
      errors.push(...(file.result?.errors ?? []).map(({ message }) => `${path}: ${message}`));
    }
    return failed;
  }
}

/** Stands in for a test while test files are collected. */
const COLLECTING = 'collecting';

const CONFIG: VitestRunner['config'] = {
  root: process.cwd(),
  setupFiles: [],
  name: undefined,
  passWithNoTests: true,
  testNamePattern: undefined,
  allowOnly: false,
  sequence: { seed: 1, hooks: 'stack', setupFiles: 'list' },
  chaiConfig: undefined,
  maxConcurrency: 1,
  // What hangs is ended by StrykerJS, which knows how long a test takes without a mutant.
  testTimeout: 600_000,
  hookTimeout: 600_000,
  retry: 0,
  includeTaskLocation: false,
  tags: [],
  tagsFilter: undefined,
  strictTags: false,
};

/** What instrumented code reads and counts. */
interface Context {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
  mutantCoverage?: MutantCoverage;
}

function sharedContext(): Context {
  const { NAMESPACE } = INSTRUMENTER_CONSTANTS;
  const known: unknown = Reflect.get(globalThis, NAMESPACE);
  const made: Context = typeof known === 'object' && known !== null ? known : {};
  Reflect.set(globalThis, NAMESPACE, made);
  return made;
}

function idOf(test: Test): string {
  const names = [test.name];
  for (let suite = test.suite; suite !== undefined; suite = suite.suite) names.unshift(suite.name);
  return `${relative(process.cwd(), test.file.filepath)}#${names.join(' ').trim()}`;
}

function testsOf(task: Task): Test[] {
  return task.type === 'suite' ? task.tasks.flatMap(testsOf) : [task];
}

/** Leaves out every other test, and the suites in which none is left, so that their hooks do not run either. */
function keepOnly(suite: Suite | File, wanted: (test: Test) => boolean): boolean {
  let any = false;
  for (const task of suite.tasks) {
    const kept = task.type === 'suite' ? keepOnly(task, wanted) : wanted(task);
    if (!kept) task.mode = 'skip';
    any ||= kept;
  }
  return any;
}

function resultOf(test: Test): TestResult | null {
  const { state, duration, errors } = test.result ?? {};
  if (state !== 'pass' && state !== 'fail') return null;
  const base = { id: idOf(test), name: idOf(test).replace(/^[^#]*#/, ''), timeSpentMs: duration ?? 0 };
  return state === 'pass'
    ? { ...base, status: TestStatus.Success }
    : { ...base, status: TestStatus.Failed, failureMessage: errors?.[0]?.message ?? 'failed' };
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'in-process', InProcess)];
