import { type Candidate, type Interface, type JsonValue, manifestExtension } from '@burgeon/kit';
import { renderConfirmation, renderDisclosure } from '../approval/disclosure.ts';
import type { EffectCounts } from '../approval/messages.ts';
import { inspect, type Inspected } from '../registry/inspect.ts';
import { gainsGravePower } from '../security/grave.ts';
import { type AddResult, type Judged, type Tell, resultOf } from './added.ts';
import type { CheckVerdict } from './check.ts';
import { keepConnection } from './connection.ts';
import type { PipelineContext } from './context.ts';
import { differsInPower } from './differs-in-power.ts';
import { meetPublisher } from './package.ts';
import { release } from './release.ts';
import { runEvents } from './run-events.ts';
import { wallsAround } from './walls-around.ts';

/**
 * Stages four and five: keeps what was judged, says what it wants, and asks; what the policy approves by itself goes live at once.
 * @throws {BurgeonError} UNSUPPORTED, CONFLICT, SIGNATURE_INVALID
 */
export const ask = async (
  context: PipelineContext,
  judged: Judged,
  tell: Tell,
): Promise<Omit<AddResult, 'elapsedMs' | 'diagnostics'>> => {
  const { candidate, checks, trial: tried, package: packaged, run } = judged;
  const publication = packaged?.publication;
  const card = candidate.manifest.extensions[manifestExtension];
  const live = await activeOf(context, card.id);
  const before = live?.candidate.manifest.extensions[manifestExtension];
  tell('approve', 'start', 'asking for approval');
  await keepConnection(context, { id: card.id, version: candidate.manifest.version }, judged.connection);
  if (packaged) await meetPublisher(context, packaged);
  const evidence = { checks: checks as unknown as JsonValue, trial: tried as unknown as JsonValue };
  const staged = await context.registry.stage(
    candidate,
    { ...evidence, run: run.id, startedAt: run.startedAt, ...(publication ? { publication } : {}) },
    runEvents({ ...judged, run: run.id }),
  );
  const text = await disclose(context, judged, live);
  const request = await context.gateway.open({
    module: card.id,
    version: candidate.manifest.version,
    digest: candidate.digest,
    capabilitiesDigest: candidate.capabilitiesDigest,
    capabilitiesChanged: before === undefined || differsInPower(before, card),
    grave: gainsGravePower(before?.capabilities ?? [], card.capabilities),
    run: run.id,
    // What nobody here vouches for is never let in by the policy alone.
    sound: publication?.trust !== 'unknown',
    disclosure: text,
    confirmation: renderConfirmation({ ...namesOf(candidate), locale: context.locale }),
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

/** What a person is told of it, from facts alone. */
const disclose = async (
  { locale }: Pick<PipelineContext, 'locale'>,
  { candidate, checks, trial, package: packaged }: Judged,
  live: Inspected | undefined,
): Promise<string> => {
  const card = candidate.manifest.extensions[manifestExtension];
  const before = live?.candidate.manifest.extensions[manifestExtension];
  return renderDisclosure({
    ...namesOf(candidate),
    version: candidate.manifest.version,
    capabilities: card.capabilities,
    ...(before === undefined ? {} : { previous: before.capabilities }),
    locale,
    checks,
    unchecked: checks.filter(foundNothingToJudge).map(({ name }) => name),
    trial,
    excess: tells(checks, 'capability-unused'),
    // What code does is what its author says; what a described interface does is read off it.
    ...(card.kind === 'data' ? { operations: effects(candidate.interface, live?.interface) } : {}),
    walls: await wallsAround(card),
    ...(card.limits === undefined ? {} : { limits: card.limits }),
    ...(card.host === 'process' ? { program: { inferred: !tells(checks, 'capability-not-inferred') } } : {}),
    ...(packaged ? { publisher: packaged.publication } : {}),
    digest: candidate.digest,
  });
};

/** By which names people are told of it. What an interface calls itself is its own word; what a skill is called its author's. */
const namesOf = ({ manifest, interface: { title } }: Candidate): { module: string; title?: string } => {
  const { id } = manifest.extensions[manifestExtension];
  return { module: id, ...(title === undefined || !id.startsWith('skill/') ? {} : { title }) };
};

const tells = (checks: readonly CheckVerdict[], code: string): boolean =>
  checks.some(({ diagnostics }) => diagnostics.some((diagnostic) => diagnostic.code === code));

const foundNothingToJudge = (verdict: CheckVerdict): boolean => tells([verdict], 'not-judged') || tells([verdict], 'not-checked');

const effects = (now: Interface, before: Interface | undefined): { now: EffectCounts; before?: EffectCounts } => ({
  now: countEffects(now),
  ...(before === undefined ? {} : { before: countEffects(before) }),
});

const countEffects = ({ operations }: Interface): EffectCounts => {
  const counts = { read: 0, write: 0, delete: 0 };
  for (const { effect } of operations) counts[effect] += 1;
  return counts;
};

const activeOf = async (context: PipelineContext, id: string): Promise<Inspected | undefined> => {
  const versions = await context.registry.versions(id).catch(() => []);
  const active = versions.find((version) => version.state === 'active');
  return active && inspect(context.registry, active);
};
