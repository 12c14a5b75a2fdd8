/** Shared suites: one per contract. They take the functions of a test runner, so they import none. */
export { checkSuite } from './check.suite.ts';
export type { CheckSuiteOptions, InvalidCase, SuiteRunner } from './check.suite.ts';
export { hostSuite } from './host.suite.ts';
export type { HostSuiteOptions } from './host.suite.ts';
export { codeHostSuite } from './code-host.suite.ts';
export type { CodeHostSuiteOptions } from './code-host.suite.ts';
export { approvalChannelSuite } from './approval-channel.suite.ts';
export type { ApprovalChannelFixture, ApprovalChannelSuiteOptions } from './approval-channel.suite.ts';
export { interfaceFaults, sourceSuite } from './source.suite.ts';
export type { SourceSuiteOptions } from './source.suite.ts';
export { storeSuite } from './store.suite.ts';
export type { StoreSuiteOptions } from './store.suite.ts';
export { memoryStore } from './memory-store.ts';
export { protocolSuite } from './protocol.suite.ts';
export type { ProtocolCase, ProtocolSuiteOptions } from './protocol.suite.ts';
export { targetSuite } from './target.suite.ts';
export type { TargetSuiteOptions } from './target.suite.ts';
