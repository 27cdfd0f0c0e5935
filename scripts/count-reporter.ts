import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * The runner's count, for `scripts/run.mjs`, and the reason of each test that was skipped. A file
 * that did not load and an error outside any test have no test to fail, so each counts as one
 * failure: otherwise a run could end red with nothing failed.
 */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts: Counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    const reasons = new Map<string, string[]>();
    for (const module of modules) {
      counts.failed += module.errors().length;
      for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') counts.passed += 1;
        else if (result.state === 'skipped') {
          counts.skipped += 1;
          const reason = result.note ?? 'no reason given';
          const titles = reasons.get(reason) ?? [];
          titles.push(`${module.relativeModuleId}: ${test.fullName}`);
          reasons.set(reason, titles);
        } else counts.failed += 1;
      }
    }
    for (const [reason, titles] of reasons) {
      console.log(`\nSkipped, ${reason}:`);
      for (const title of titles) console.log(`  ${title}`);
    }
    const file = process.env['LAZARET_TEST_COUNTS'];
    if (file !== undefined) writeFileSync(file, JSON.stringify(counts));
  }
}
