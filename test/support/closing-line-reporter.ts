import type { Reporter, TestModule } from 'vitest/node';

/** Ends the run with `N passed, N failed`, after naming what was skipped and why. */
class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const inState = (state: string) => tests.filter((test) => test.result().state === state);
    const broken = modules.filter((module) => module.errors().length > 0).length;
    const skipped = inState('skipped');
    for (const test of skipped) {
      const result = test.result();
      const note = result.state === 'skipped' ? result.note : undefined;
      console.log(`skipped: ${test.fullName}${note === undefined ? '' : ` (${note})`}`);
    }
    const failed = inState('failed').length + broken + errors.length;
    const tail = skipped.length > 0 ? `, ${skipped.length} skipped` : '';
    console.log(`${inState('passed').length} passed, ${failed} failed${tail}`);
  }
}

export { ClosingLineReporter as default };
