/**
 * A test runner of Stryker: Jest's own circus in a plain process. Stryker's runner for Jest loads every file of tests
 * anew for every mutant, which takes longer than the tests.
 */
import { declareFactoryPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin';
import {
  determineHitLimitReached,
  DryRunStatus,
  MutantRunStatus,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { addEventHandler, getState, resetState, run } from 'jest-circus';

// The namespace that the mutated code looks in.
const namespace = '__stryker__';
const separator = ' > ';

class CircusRunner {
  /** The test that runs, or ran last: an error that nobody caught is its own. */
  #current;
  #file;
  #bail = false;
  #failed = false;
  #runs = 0;

  constructor(options) {
    this.options = options.circus;
    this.state = globalThis[namespace] ??= {};
    for (const event of ['uncaughtException', 'unhandledRejection']) {
      process.on(event, (error) => this.#current?.errors.push(error));
    }
    addEventHandler((event) => this.#handle(event));
  }

  capabilities() {
    return { reloadEnvironment: false };
  }

  async dryRun() {
    this.state.mutantCoverage = { static: {}, perTest: {} };
    const tests = await this.#runTwice(this.options.files);
    const { mutantCoverage } = this.state;
    return { status: DryRunStatus.Complete, tests, mutantCoverage };
  }

  /** What fails once may fail by the load of the machine; what fails again is told. */
  async #runTwice(files) {
    const tests = await this.#run(files);
    const failed = tests.filter(({ status }) => status === TestStatus.Failed).map(({ id }) => id);
    if (failed.length === 0) return tests;
    const again = (await this.#run(files, failed)).filter(({ id }) => failed.includes(id));
    return [...tests.filter(({ id }) => !failed.includes(id)), ...again];
  }

  async mutantRun({ activeMutant, testFilter, disableBail, hitLimit }) {
    this.#bail = !disableBail;
    this.#activate(activeMutant.id);
    Object.assign(this.state, { hitLimit, hitCount: hitLimit && 0 });
    const isFirst = this.#runs === 0;
    const tests = await this.#run(this.options.files, testFilter);
    const timeout = determineHitLimitReached(this.state.hitCount, this.state.hitLimit);
    const result = toMutantRunResult(timeout ?? { status: DryRunStatus.Complete, tests });
    if (result.status === MutantRunStatus.Killed && !isFirst) await this.#confirm(result.killedBy);
    return result;
  }

  /** What fails without the mutant, too, fails by what others left in this process: Stryker tries again in a new one. */
  async #confirm(killers) {
    this.#activate('');
    this.state.hitCount = undefined;
    await this.#run(this.options.files, killers);
    if (this.#failed) throw new Error('This process is of no use any more');
  }

  #activate(id) {
    this.state.activeMutant = id;
    // Child processes of tests run it too.
    process.env.__STRYKER_ACTIVE_MUTANT__ = id;
  }

  /** @param selected Ids of tests, or undefined for all */
  async #run(files, selected) {
    this.#runs += 1;
    this.#failed = false;
    const isSelected = (id) => selected === undefined || selected.includes(id);
    const results = [];
    for (const file of files) {
      if (selected && !selected.some((id) => id.startsWith(file + separator))) continue;
      resetState();
      getState().testTimeout = this.options.testTimeout;
      this.#file = file;
      // Loaded again for each run: that is what registers its tests.
      await import(`${pathToFileURL(resolve(file.replace(/ts$/, 'js'))).href}?run=${this.#runs}`);
      const { rootDescribeBlock } = getState();
      // Before the run: hooks of a group are called only if one of its tests is to run.
      for (const test of testsOf(rootDescribeBlock)) {
        if (!isSelected(this.#idOf(test))) test.mode = 'skip';
      }
      await run();
      for (const test of testsOf(rootDescribeBlock)) results.push(this.#resultOf(test));
      if (this.#failed && this.#bail) break;
    }
    return results;
  }

  #handle({ name, test }) {
    if (name === 'test_start') {
      this.#current = test;
      this.state.currentTestId = this.#idOf(test);
      if (this.#failed && this.#bail) test.mode = 'skip';
    } else if (name === 'test_done') {
      this.state.currentTestId = undefined;
      if (test.errors.length > 0) this.#failed = true;
    }
  }

  #resultOf(test) {
    const id = this.#idOf(test);
    const result = { id, name: id, fileName: resolve(this.#file), timeSpentMs: test.duration ?? 0 };
    if (test.errors.length > 0) {
      const [first] = test.errors.flat();
      const failureMessage = String(first?.stack ?? first);
      return { ...result, status: TestStatus.Failed, failureMessage };
    }
    const skipped = test.mode === 'skip' || test.mode === 'todo';
    return { ...result, status: skipped ? TestStatus.Skipped : TestStatus.Success };
  }

  #idOf(test) {
    const names = [];
    for (let each = test; each.parent; each = each.parent) names.unshift(each.name);
    return [this.#file, ...names].join(separator);
  }
}

function testsOf(describeBlock) {
  return describeBlock.children.flatMap((each) =>
    each.type === 'describeBlock' ? testsOf(each) : [each],
  );
}

const create = Object.assign((options) => new CircusRunner(options), {
  inject: tokens('options'),
});

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, 'circus', create)];
