import { BurgeonError, type Interface, type JsonValue, manifestExtension } from '@burgeon/kit';
import { isoNow } from '../base/clock.ts';
import { inspect } from '../registry/inspect.ts';
import type { VersionRecord } from '../registry/records.ts';
import type { Lanes } from '../security/serial.ts';
import { type AddResult, type Run, type Tell, resultOf } from './added.ts';
import { ask } from './ask.ts';
import type { CheckVerdict } from './check.ts';
import { keepConnection } from './connection.ts';
import type { PipelineContext, StageListener } from './context.ts';
import { derive, type Derived, type DeriveRequest } from './derive.ts';
import { generate, moduleIdOf } from './generate.ts';
import { withoutSecrets } from './pointed.ts';
import { type Trial, toleratedFailures } from './trial-result.ts';
import { nextVersion } from './version.ts';

export type { AddResult } from './added.ts';

/**
 * All stages in order. Nothing is stored before the checks and the trial are through; then everything at once. Two of one module wait for each
 * other: the second sees what the first made.
 */
export const add = async (
  context: PipelineContext,
  request: DeriveRequest,
  listen: StageListener,
  lanes: Lanes,
): Promise<AddResult> => {
  const begun = performance.now();
  const elapsedMs = (): number => Math.round(performance.now() - begun);
  const tell: Tell = (stage, state, message) => listen({ stage, state, message, elapsedMs: elapsedMs() });

  tell('derive', 'start', `reading ${withoutSecrets(request.what)}`);
  const derived = await derive(context, request);
  tell('derive', 'end', derivedText(derived.interface));
  const run: Run = { id: context.ids.next('run'), startedAt: isoNow(context.clock) };
  const id = moduleIdOf(derived);
  const result = await lanes(id, () => grow(context, { derived, run }, tell)).catch(async (error: unknown) => {
    const { code, message } = BurgeonError.from(error);
    await context.audit.commit([{ kind: 'run.refused', module: id, data: { run: run.id, code, message } }]);
    throw error;
  });
  return { ...result, elapsedMs: elapsedMs() };
};

const grow = async (
  context: PipelineContext,
  { derived, run }: { derived: Derived; run: Run },
  tell: Tell,
): Promise<Omit<AddResult, 'elapsedMs'>> => {
  const before = await latest(context, moduleIdOf(derived));
  const same = before && (await unchanged(context, before, derived));
  if (same) {
    await keepConnection(context, same.module, derived.connection);
    return same;
  }

  tell('generate', 'start', 'writing the module');
  const candidate = await generate(context, derived, derived.package?.version ?? (await versionOf(context, derived)));
  tell('generate', 'end', `${candidate.manifest.version}, ${candidate.files.length} files, ${candidate.digest.slice(0, 8)}`);

  tell('check', 'start', 'checking');
  const { checks, trial: tried } = await context.workbench.judge(candidate, ['check', 'try'], (verdicts) => {
    if (verdicts.some((verdict) => !verdict.ok)) return;
    tell('check', 'end', verdicts.map((verdict) => verdict.name).join(', '));
    tell('try', 'start', `trying every operation ${derived.program ? 'behind its walls' : 'against its own mirror'}`);
  });
  requireChecks(checks);
  requireTrial(tried);
  tell('try', 'end', `${tried.passed} passed, ${tried.failed} failed, ${tried.skipped} skipped`);

  const judged = { candidate, checks, trial: tried, connection: derived.connection, package: derived.package, run };
  const result = await ask(context, judged, tell);
  return { ...result, diagnostics: [...derived.interface.diagnostics, ...(derived.package?.notes ?? [])] };
};

const derivedText = (description: Interface): string => {
  const losses = description.diagnostics.filter((diagnostic) => diagnostic.severity !== 'info').length;
  const parts = [`${description.operations.length} operations`, `${Object.keys(description.types).length} types`];
  if (description.channels.length > 0) parts.push(`${description.channels.length} channels`);
  if (losses > 0) parts.push(`${losses} notes`);
  return parts.join(', ');
};

/** The version that is active or waits, newest first. */
const latest = async (context: PipelineContext, id: string): Promise<VersionRecord | undefined> => {
  const versions = await context.registry.versions(id).catch(() => []);
  return versions.findLast((version) => version.state === 'active' || version.state === 'pending');
};

const unchanged = async (
  context: PipelineContext,
  before: VersionRecord,
  derived: Derived,
): Promise<Omit<AddResult, 'elapsedMs'> | undefined> => {
  const again = await generate(context, derived, before.version);
  if (again.digest !== before.digest) return undefined;
  const { candidate } = await inspect(context.registry, before);
  const request = before.request === undefined ? undefined : await context.gateway.get(before.request).catch(() => undefined);
  const open = request?.state === 'pending' || request?.state === 'half';
  // It waits for nobody: its request ran out, or the process ended before there was one. Then it is asked for again.
  if (before.state === 'pending' && !open) return undefined;
  return {
    ...resultOf(before, candidate),
    diagnostics: derived.interface.diagnostics,
    checks: before.checks as unknown as CheckVerdict[],
    trial: before.trial as unknown as Trial,
    disclosure: { text: request?.disclosure ?? '', capabilities: candidate.manifest.extensions[manifestExtension].capabilities },
    ...(open && request ? { request } : {}),
    unchanged: true,
  };
};

const versionOf = async (context: PipelineContext, derived: Derived): Promise<string> => {
  const id = moduleIdOf(derived);
  const versions = await context.registry.versions(id).catch(() => []);
  const active =
    versions.find((version) => version.state === 'active') ?? versions.find((version) => version.state === 'archived');
  const predecessor = active && { version: active.version, interface: (await inspect(context.registry, active)).interface };
  // What was never approved gives its number back.
  const taken = versions.filter((version) => version.signature !== undefined).map((version) => version.version);
  return nextVersion(predecessor, derived.interface, new Set(taken));
};

const requireChecks = (checks: CheckVerdict[]): void => {
  const failed = checks.filter((verdict) => !verdict.ok);
  if (failed.length === 0) return;
  const [first] = failed.flatMap((verdict) => verdict.diagnostics.filter((diagnostic) => diagnostic.severity === 'error'));
  throw new BurgeonError('CHECKS_FAILED', {
    message: `${failed.map((verdict) => verdict.name).join(', ')} failed: ${first?.message ?? 'no reason given'}${first?.path ? ` (${first.path})` : ''}`,
    hint: first?.hint ?? 'All findings: the same command with --json',
    data: { checks: checks as unknown as JsonValue },
  });
};

const requireTrial = (tried: Trial): void => {
  if (tried.failed <= toleratedFailures * (tried.passed + tried.failed)) return;
  const [first] = tried.results.filter((result) => result.outcome === 'failed');
  throw new BurgeonError('TRIAL_FAILED', {
    message: `${tried.failed} of ${tried.passed + tried.failed} operations failed in the trial; first ${first?.operation ?? ''}: ${first?.reason ?? ''}`,
    hint: 'All failures: the same command with --json',
    data: { trial: tried as unknown as JsonValue },
  });
};
