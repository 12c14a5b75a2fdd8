import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { BurgeonError, type ErrorJson } from '@burgeon/kit';
import { cases } from '../isolation/cases.ts';
import type { Verdict } from '../isolation/prove.ts';

/** What came of all attacks on all hosts. */
export interface AttackReport {
  /** True when at least one host was attacked and nothing escaped, ended the control plane or hurt a neighbour. */
  ok: boolean;
  hosts: AttackedHost[];
  cases: Verdict[];
  figures: { programs: number; stallP99Ms: number; stallMs: number; overMs: number; peakBytes: number; neighbourCalls: number };
}

/** A host, and why it was not attacked when it was not. */
export interface AttackedHost {
  name: string;
  programs: number;
  tookMs: number;
  missing?: string;
}

/** Told of every verdict: how many of how many this host has behind it. */
export type Told = (verdict: Verdict, done: number, of: number) => void;

const child = fileURLToPath(new URL('./attack-child.ts', import.meta.url));

/** Hosts that are attacked at once; more would make innocents wait for each other. */
const mostLanes = 2;

/**
 * Attacks hosts with every case, each from a process of its own: should an attack end the control plane, it is that one. What cannot run here is
 * told with its reason, unless it was the only one asked for.
 * @throws {BurgeonError} CANCELLED, ADAPTER_UNKNOWN, and DEPENDENCY_MISSING for an only host
 */
export const attackHosts = async (names: readonly string[], tell: Told, signal: AbortSignal): Promise<AttackReport> => {
  const waiting = [...names];
  const ended = new Map<string, { host: AttackedHost; verdicts: Verdict[] }>();
  const lane = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const end = await attackApart(name, tell, signal);
      const { error, ...rest } = end;
      const code = error?.code;
      if (error && (names.length === 1 || (code !== 'DEPENDENCY_MISSING' && code !== 'UNSUPPORTED')))
        throw BurgeonError.fromJson(error);
      ended.set(name, rest);
    }
  };
  await Promise.all(Array.from({ length: Math.min(mostLanes, availableParallelism()) }, lane));
  const all = names.flatMap((name) => ended.get(name) ?? []);
  return reportOf(
    all.map(({ host }) => host),
    all.flatMap(({ verdicts }) => verdicts),
  );
};

const reportOf = (hosts: AttackedHost[], verdicts: Verdict[]): AttackReport => {
  const most = (name: 'stallP99Ms' | 'stallMs' | 'overMs' | 'peakBytes'): number =>
    Math.max(0, ...verdicts.map(({ figures }) => figures[name]));
  const programs = hosts.reduce((sum, each) => sum + each.programs, 0);
  const harmless = new Set<Verdict['verdict']>(['contained', 'not-applicable']);
  return {
    ok: programs > 0 && verdicts.every(({ verdict }) => harmless.has(verdict)),
    hosts,
    cases: verdicts,
    figures: {
      programs,
      stallP99Ms: most('stallP99Ms'),
      stallMs: most('stallMs'),
      overMs: most('overMs'),
      peakBytes: most('peakBytes'),
      neighbourCalls: verdicts.reduce((sum, { figures }) => sum + figures.neighbourCalls, 0),
    },
  };
};

/** One line of what the child says. */
interface Line {
  verdict?: Verdict;
  done?: true;
  error?: ErrorJson;
}

/** A child that is lost may leave half a line. */
const lineOf = (text: string): Line => {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return {};
  }
};

const attackApart = async (
  name: string,
  tell: Told,
  signal: AbortSignal,
): Promise<{ host: AttackedHost; verdicts: Verdict[]; error?: ErrorJson }> => {
  const begun = performance.now();
  const verdicts: Verdict[] = [];
  // What a lost control plane leaves lying about goes with this folder. Jailed programs of another user pass through it.
  const folder = mkdtempSync(join(tmpdir(), 'burgeon-attacks-'));
  chmodSync(folder, 0o755);
  const started = spawn(process.execPath, ['--no-warnings', child, name], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGTERM',
  });
  let complaint = '';
  started.stderr.on('data', (piece: Buffer) => (complaint = (complaint + piece.toString()).slice(-500)));
  const exit = new Promise<string>((resolve) => {
    started.once('error', (error) => resolve(error.message));
    started.once('close', (code, killer) => resolve(killer ?? `exit code ${code}`));
  });
  let end: Line = {};
  for await (const text of createInterface(started.stdout)) {
    const line = lineOf(text);
    if (line.verdict) tell(line.verdict, verdicts.push(line.verdict), cases.length);
    else end = line;
  }
  const how = await exit;
  rmSync(folder, { recursive: true, force: true });
  if (signal.aborted) throw new BurgeonError('CANCELLED', { message: 'The attacks were broken off.' });
  if (!end.done && !end.error) verdicts.push(lost(name, verdicts.length, `${how} ${complaint}`));
  const programs = verdicts.reduce((sum, each) => sum + each.programs.length, 0);
  const host = {
    name,
    programs,
    tookMs: Math.round(performance.now() - begun),
    ...(end.error && { missing: end.error.message }),
  };
  return { host, verdicts, ...(end.error && { error: end.error }) };
};

/** The attack during which the control plane was lost. */
const lost = (host: string, done: number, how: string): Verdict => {
  const { number = 0, title = 'the beginning', group = 'system' } = cases[done] ?? {};
  const figures = { tookMs: 0, overMs: 0, stallMs: 0, stallP99Ms: 0, peakBytes: 0, neighbourCalls: 0, neighbourSlowestMs: 0 };
  return { number, title, group, host, verdict: 'died', detail: `the control plane ended: ${how.trim()}`, programs: [], figures };
};
