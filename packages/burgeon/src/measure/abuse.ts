import type { Case } from '../isolation/case.ts';
import { cases } from '../isolation/cases.ts';
import { type Verdict, openProof } from '../isolation/prove.ts';
import { subjectOf } from '../isolation/subject.ts';
import { attackWorld } from '../isolation/world.ts';
import { createIsolate } from '../adapters/hosts/isolate/index.ts';
import type { Figure } from './figures.ts';
import type { Effort } from './hosts.ts';

/** Those that take time and space. */
const chosen = ({ attackStep }: Effort): Case[] =>
  cases.filter(({ group }) => group === 'cpu' || group === 'memory').filter((_, at) => at % attackStep === 0);

/** Hostile modules that take time and space, one after another, while two innocent ones are called all the time. */
export const measureAbuse = async (effort: Effort): Promise<Figure[]> => {
  const proof = await openProof(subjectOf('isolate', createIsolate()), attackWorld);
  const verdicts: Verdict[] = [];
  try {
    for (const each of chosen(effort)) verdicts.push(await proof.attempt(each));
    const programs = verdicts.reduce((sum, each) => sum + each.programs.length, 0);
    const worst = Math.max(0, ...verdicts.map(({ figures }) => figures.overMs));
    const stall = verdicts.findLast(({ verdict }) => verdict !== 'not-applicable')?.figures.stallP99Ms ?? 0;
    const ended = (...ends: Verdict['verdict'][]): number => verdicts.filter(({ verdict }) => ends.includes(verdict)).length;
    const base = { name: 'abuse', contender: 'isolate' } as const;
    return [
      { ...base, unit: 'ms', what: `stopped past its limit, worst of ${programs} hostile programs`, value: worst, reach: 250 },
      { ...base, unit: 'ms', what: 'stall of the control plane meanwhile, p99', value: stall, reach: 20 },
      { ...base, unit: '', what: 'cases in which a neighbour failed', value: ended('hurt-neighbour'), reach: 0 },
      { ...base, unit: '', what: 'cases that escaped or ended the control plane', value: ended('escaped', 'died'), reach: 0 },
    ];
  } finally {
    await proof.close();
  }
};
