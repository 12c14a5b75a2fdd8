import { fileURLToPath } from 'node:url';
import { type Candidate, type Check, type CheckContext, type Diagnostic, defineCheck, manifestExtension } from '@burgeon/kit';
import { createWarmProcess } from '../../../base/warm-process.ts';
import type { CodeExpression } from '../../../security/code-facts/facts.ts';
import { readCodeFacts } from '../../../security/code-facts/read.ts';
import type { Expression, ExpressionVerdict, JudgeRequest } from './judge.ts';
import { pythonExpressions } from './python-expressions.ts';

/** Time for one expression and for all of one module, milliseconds. */
const [eachMs, allMs] = [8_000, 40_000];

/** Room beyond that for starting the process. */
const startMs = 5_000;

/** Expressions of one module that are judged; more are told. */
const mostExpressions = 2_000;

const judging = createWarmProcess({
  script: fileURLToPath(new URL('./child.ts', import.meta.url)),
  flags: ['--max-old-space-size=512'],
  memoryBytes: 768 * 1024 * 1024,
});

/** Verdicts by expression; modules are checked again and again. */
const remembered = new Map<string, ExpressionVerdict>();
const mostRemembered = 5_000;

const keyOf = ({ source, flags }: Expression): string => `${flags}/${source}`;

const finding = (
  severity: Diagnostic['severity'],
  code: string,
  at: CodeExpression | undefined,
  message: string,
): Diagnostic => ({
  severity,
  code,
  message,
  path: at ? `${at.file}:${at.line}:${at.column}` : '',
  from: 'redos',
  ...(at ? { position: { line: at.line, column: at.column } } : {}),
});

const run = async (candidate: Candidate, context: CheckContext): Promise<Diagnostic[]> => {
  if (candidate.manifest.extensions[manifestExtension].kind !== 'code') return [];
  const read = await readCodeFacts(candidate, context.signal);
  if ('why' in read) return [killed(`The regular expressions of the code could not be read: ${read.why}.`)];
  const found = [...read.facts.expressions, ...pythonExpressions(candidate.files)];
  const judged = found.slice(0, mostExpressions);
  const lost = await judge(judged, context.signal);
  if (lost !== undefined) return [killed(`The regular expressions could not be judged: ${lost}.`)];
  const more = found.length - judged.length;
  const rest =
    more > 0 ? [finding('warning', 'redos-unjudged', judged.at(-1), `${more} further regular expressions were not judged.`)] : [];
  return [...judged.flatMap(tell), ...rest];
};

const killed = (message: string): Diagnostic => finding('error', 'check-killed', undefined, message);

/** Judges what is not remembered; gives why it was lost. A process that an expression takes with it is a finding about all of them. */
const judge = async (all: readonly Expression[], signal: AbortSignal): Promise<string | undefined> => {
  const open = [...new Map(all.filter((each) => !remembered.has(keyOf(each))).map((each) => [keyOf(each), each])).values()];
  if (open.length === 0) return undefined;
  const request: JudgeRequest = { expressions: open.map(({ source, flags }) => ({ source, flags })), eachMs, allMs };
  const answer = await judging.ask(request, { deadlineMs: allMs + eachMs + startMs, signal });
  if (answer.kind === 'lost') return answer.why;
  if (remembered.size > mostRemembered) remembered.clear();
  for (const [index, verdict] of (answer.value as ExpressionVerdict[]).entries()) {
    const each = open[index];
    if (each) remembered.set(keyOf(each), verdict);
  }
  return undefined;
};

const tell = (at: CodeExpression): Diagnostic[] => {
  const verdict = remembered.get(keyOf(at)) ?? { state: 'unjudged' };
  if (verdict.state === 'safe') return [];
  const text = `/${at.source.slice(0, 120)}/${at.flags}`;
  if (verdict.state !== 'vulnerable') {
    const late = verdict.state === 'unjudged' || verdict.why === 'timeout';
    // The next check may have the time for it.
    if (late) remembered.delete(keyOf(at));
    const why = verdict.state === 'unjudged' ? 'there were too many before it' : verdict.why;
    return [
      finding('warning', late ? 'redos-unjudged' : 'redos-unknown', at, `How long ${text} can take was not found out: ${why}.`),
    ];
  }
  const { growth, attack } = verdict;
  // Time that grows with the square is what everyday expressions such as /\s+$/ take; the limits of a call hold it.
  const severity = growth === 2 ? 'warning' : 'error';
  const how = growth === 'exponential' ? 'exponentially' : `with the power ${growth} of its length`;
  return [
    {
      ...finding(severity, 'redos', at, `The time that ${text} takes on a text grows ${how}; for example on ${attack}.`),
      hint: 'Leave no two ways to match the same text: no repetition inside a repetition, no alternatives that begin alike.',
    },
  ];
};

/**
 * The check of regular expressions in code, which the engines of all hosts run by trying: none may take time that explodes. The patterns of
 * an interface are not among them: everything of ours runs those on an engine of linear time.
 */
export const redos: Check = defineCheck({ name: 'redos', run });
