/** Shared suites: one per contract. They take the functions of a test runner, so they import none. */
export { checkSuite } from './check.suite.ts';
export type { CheckSuiteOptions, InvalidCase, SuiteRunner } from './check.suite.ts';
