import {
  BurgeonError,
  manifestExtension,
  type Candidate,
  type Capability,
  type Diagnostic,
  type Interface,
  type JsonValue,
  type ModuleManifest,
} from '@burgeon/kit';
import { renderDisclosure } from '../approval/disclosure.ts';
import type { ApprovalRequest } from '../approval/request.ts';
import { inspect } from '../registry/inspect.ts';
import type { VersionRecord } from '../registry/records.ts';
import type { Lanes } from '../security/serial.ts';
import type { CheckVerdict } from './check.ts';
import { keepConnection } from './connection.ts';
import type { PipelineContext, StageEvent, StageListener } from './context.ts';
import { differsInPower } from './differs-in-power.ts';
import { derive, type Derived, type DeriveRequest } from './derive.ts';
import { generate, moduleIdOf } from './generate.ts';
import { withoutSecrets } from './pointed.ts';
import { release } from './release.ts';
import type { Trial } from './trial-result.ts';
import { nextVersion } from './version.ts';

/** What `add` did. */
export interface AddResult {
  module: { id: string; version: string; kind: string; host: string; digest: string; state: string };
  operations: number;
  /** Losses and repairs while reading. */
  diagnostics: Diagnostic[];
  checks: CheckVerdict[];
  trial: Trial;
  disclosure: { text: string; capabilities: Capability[] };
  /** The open approval request; absent once active. */
  request?: ApprovalRequest;
  /** True when the very same module was there already. */
  unchanged?: boolean;
  elapsedMs: number;
}

/** A module passes its trial while at most this share of its tried operations fails; each failure is disclosed. */
const toleratedFailures = 0.1;

/** What every module is kept in. */
const commonWalls = ['one egress gate with its host list', 'secrets stay in the host'];

/** What stands between a module and the process it shares, by host. */
const engines: Readonly<Record<string, string>> = {
  isolate: 'a V8 isolate of its own',
  strict: 'an interpreter of its own',
  wasm: 'a WebAssembly memory of its own',
};

/** The walls a module runs behind on this machine, for the disclosure. */
const wallsAround = async ({ kind, host }: ModuleManifest): Promise<string[]> => {
  if (kind === 'data') return ['no code of its own runs', ...commonWalls];
  const { wallsHere } = await import('../walls/jail/choose.ts');
  const { walls } = await wallsHere();
  const process =
    walls.includes('network') && walls.includes('files') ? 'without network or files' : "under Node's permission model";
  const size = walls.includes('memory') ? [] : ['its memory is only watched'];
  const engine = Object.hasOwn(engines, host) ? [engines[host] ?? ''] : [];
  return [...engine, `a process of its own ${process}`, ...size, ...commonWalls];
};

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
  const result = await lanes(moduleIdOf(derived), () => grow(context, derived, tell));
  return { ...result, elapsedMs: elapsedMs() };
};

const grow = async (context: PipelineContext, derived: Derived, tell: Tell): Promise<Omit<AddResult, 'elapsedMs'>> => {
  const before = await latest(context, moduleIdOf(derived));
  const same = before && (await unchanged(context, before, derived));
  if (same) {
    await keepConnection(context, same.module, derived.connection);
    return same;
  }

  tell('generate', 'start', 'writing the module');
  const candidate = await generate(context, derived, await versionOf(context, derived));
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

  const result = await store(context, { candidate, checks, trial: tried, connection: derived.connection }, tell);
  return { ...result, diagnostics: derived.interface.diagnostics };
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

/** Everything that is stored about a candidate. */
interface Judged {
  candidate: Candidate;
  checks: CheckVerdict[];
  trial: Trial;
  connection: string | undefined;
}

/** Whether a check told that it could not read what the code needs. */
const sawUnread = ({ diagnostics }: CheckVerdict): boolean => diagnostics.some(({ code }) => code === 'capability-not-inferred');

type Tell = (stage: StageEvent['stage'], state: StageEvent['state'], message: string) => void;

const store = async (
  context: PipelineContext,
  judged: Judged,
  tell: Tell,
): Promise<Omit<AddResult, 'elapsedMs' | 'diagnostics'>> => {
  const { candidate, checks, trial: tried } = judged;
  const card = candidate.manifest.extensions[manifestExtension];
  const before = await activeCard(context, card.id);
  tell('approve', 'start', 'asking for approval');
  await keepConnection(context, { id: card.id, version: candidate.manifest.version }, judged.connection);
  const staged = await context.registry.stage(candidate, {
    checks: checks as unknown as JsonValue,
    trial: tried as unknown as JsonValue,
  });
  const text = renderDisclosure({
    module: card.id,
    version: candidate.manifest.version,
    capabilities: card.capabilities,
    ...(before === undefined ? {} : { previous: before.capabilities }),
    locale: context.locale,
    checks,
    walls: await wallsAround(card),
    ...(card.limits === undefined ? {} : { limits: card.limits }),
    ...(card.host === 'process' ? { program: { inferred: !checks.some(sawUnread) } } : {}),
    digest: candidate.digest,
  });
  const request = await context.gateway.open({
    module: card.id,
    version: candidate.manifest.version,
    digest: candidate.digest,
    capabilitiesDigest: candidate.capabilitiesDigest,
    capabilitiesChanged: before === undefined || differsInPower(before, card),
    checksOk: true,
    disclosure: text,
  });
  const disclosure = { text, capabilities: card.capabilities };
  if (request.state !== 'approved') {
    tell('approve', 'end', `request ${request.id} waits`);
    await context.registry.attach(staged, request.id);
    return { ...resultOf(staged, candidate), checks, trial: tried, disclosure, request };
  }
  tell('approve', 'end', 'approved by policy');
  tell('release', 'start', 'signing');
  const active = await release(context, request);
  tell('release', 'end', `${active.id}@${active.version} is live`);
  return { ...resultOf(active, candidate), checks, trial: tried, disclosure };
};

const activeCard = async (context: PipelineContext, id: string): Promise<ModuleManifest | undefined> => {
  const versions = await context.registry.versions(id).catch(() => []);
  const active = versions.find((version) => version.state === 'active');
  return active && (await inspect(context.registry, active)).candidate.manifest.extensions[manifestExtension];
};

const resultOf = (record: VersionRecord, candidate: Candidate): Pick<AddResult, 'module' | 'operations'> => ({
  module: {
    id: record.id,
    version: record.version,
    kind: record.kind,
    host: record.host,
    digest: record.digest,
    state: record.state,
  },
  operations: candidate.interface.operations.length,
});
