import { BurgeonError, type Host } from '@burgeon/kit';
import { hosts } from '../adapters/hosts/index.ts';
import type { HostKind } from '../isolation/case.ts';
import { cases } from '../isolation/cases.ts';
import { type Verdict, prove } from '../isolation/prove.ts';
import { type Subject, subjectOf } from '../isolation/subject.ts';
import { attackWorld } from '../isolation/world.ts';

/** Hosts that run code, each in the forms in which it is attacked: by the name of the form, whether its modules are approved. */
const forms: readonly (readonly [name: string, kind: HostKind, trusted: boolean])[] = [
  ['isolate', 'isolate', true],
  ['isolate-jitless', 'isolate', false],
  ['strict', 'strict', true],
  ['wasm', 'wasm', true],
  ['process', 'process', true],
];

/** Names of all forms of hosts that can be attacked. */
export const attackable: readonly string[] = forms.map(([name]) => name);

/** A host in one of its forms; undefined when this version has none of that name. @throws {BurgeonError} DEPENDENCY_MISSING */
export const subjectNamed = async (wanted: string): Promise<Subject | undefined> => {
  const form = forms.find(([name]) => name === wanted);
  const load = form && (hosts as Readonly<Record<string, () => Promise<Host>>>)[form[1]];
  return form && load && subjectOf(form[1], await load(), form[2]);
};

/** What came of all attacks on all hosts. */
export interface AttackReport {
  /** True when at least one host was attacked and nothing escaped, ended the control plane or hurt a neighbour. */
  ok: boolean;
  hosts: { name: string; programs: number; tookMs: number; missing?: string }[];
  cases: Verdict[];
  figures: { programs: number; stallP99Ms: number; stallMs: number; overMs: number; peakBytes: number; neighbourCalls: number };
}

/** One host was attacked in one way. */
export type Told = (verdict: Verdict, done: number, of: number) => void;

/** Attacks hosts with every case, one after another. What cannot run here is told with its reason, unless it was the only one asked for. */
export const attackHosts = async (names: readonly string[], tell: Told, signal: AbortSignal): Promise<AttackReport> => {
  const report: AttackReport = {
    ok: false,
    hosts: [],
    cases: [],
    figures: { programs: 0, stallP99Ms: 0, stallMs: 0, overMs: 0, peakBytes: 0, neighbourCalls: 0 },
  };
  for (const name of names) {
    try {
      await attackHost(report, name, { tell, signal });
    } catch (error) {
      const { code, message } = BurgeonError.from(error);
      if (names.length === 1 || (code !== 'DEPENDENCY_MISSING' && code !== 'UNSUPPORTED')) throw error;
      report.hosts.push({ name, programs: 0, tookMs: 0, missing: message });
    }
  }
  const harmless = new Set<Verdict['verdict']>(['contained', 'not-applicable']);
  report.ok = report.figures.programs > 0 && report.cases.every(({ verdict }) => harmless.has(verdict));
  return report;
};

const attackHost = async (
  report: AttackReport,
  name: string,
  { tell, signal }: { tell: Told; signal: AbortSignal },
): Promise<void> => {
  const subject = await subjectNamed(name);
  if (!subject)
    throw new BurgeonError('ADAPTER_UNKNOWN', {
      message: `There is no host ${name} that runs code.`,
      hint: `One of: ${attackable.join(', ')}`,
    });
  const begun = performance.now();
  const { figures } = report;
  let [programs, done] = [0, 0];
  for await (const verdict of prove(subject, cases, attackWorld)) {
    if (signal.aborted) throw new BurgeonError('CANCELLED', { message: 'The attacks were broken off.' });
    report.cases.push(verdict);
    programs += verdict.programs.length;
    for (const figure of ['stallP99Ms', 'stallMs', 'overMs', 'peakBytes'] as const)
      figures[figure] = Math.max(figures[figure], verdict.figures[figure]);
    figures.neighbourCalls += verdict.figures.neighbourCalls;
    tell(verdict, (done += 1), cases.length);
  }
  figures.programs += programs;
  report.hosts.push({ name, programs, tookMs: Math.round(performance.now() - begun) });
};
