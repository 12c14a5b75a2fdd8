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

/** Attacks one host with every case, one after another. @throws {BurgeonError} ADAPTER_UNKNOWN, DEPENDENCY_MISSING, UNSUPPORTED */
export const attackHost = async (name: string, tell: (verdict: Verdict) => void): Promise<void> => {
  const subject = await subjectNamed(name);
  if (!subject)
    throw new BurgeonError('ADAPTER_UNKNOWN', {
      message: `There is no host ${name} that runs code.`,
      hint: `One of: ${attackable.join(', ')}`,
    });
  for await (const verdict of prove(subject, cases, attackWorld)) tell(verdict);
};
