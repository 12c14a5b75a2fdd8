import { type Candidate, type Check, type CheckContext, type Diagnostic, defineCheck, manifestExtension } from '@burgeon/kit';
import { readCodeFacts } from '../../../security/code-facts/read.ts';
import { judgeBehaviour } from './behaviour.ts';
import { finding } from './finding.ts';
import { judgeInstructions } from './instructions.ts';
import { judgeNumbers } from './numbers.ts';
import { judgeSaid } from './words.ts';

/** Findings of each severity that are told; a large description repeats itself. */
const mostFindings = 50;

const run = async (candidate: Candidate, context: CheckContext): Promise<Diagnostic[]> => {
  const isCode = candidate.manifest.extensions[manifestExtension].kind === 'code';
  const read = await readCodeFacts(candidate, context.signal);
  const unread =
    'why' in read ? [finding('error', 'check-killed', '', `What the code does could not be read: ${read.why}.`)] : [];
  const found = [
    ...unread,
    ...judgeBehaviour(candidate, 'facts' in read ? read.facts.deeds : []),
    ...judgeInstructions(candidate),
    ...judgeSaid(candidate),
    ...judgeNumbers(candidate.interface, isCode ? 'warning' : 'info'),
  ];
  return (['error', 'warning', 'info'] as const).flatMap((severity) => {
    const own = found.filter((each) => each.severity === severity);
    return own.slice(0, mostFindings);
  });
};

/**
 * The check of words against deeds: what operations say and declare of themselves, what their code does, units and bounds of numbers, and texts that
 * speak to a model. Only contradictions in code that are certain are errors; descriptions from elsewhere get advice.
 */
export const semantic: Check = defineCheck({ name: 'semantic', run });
