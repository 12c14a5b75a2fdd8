import { asText } from '../base/json.ts';
import { BurgeonError, errorTable, type JsonObject, type JsonValue } from '@burgeon/kit';
import { bold, dim, red } from './text.ts';

/** The exit code that says what became of a command. */
export type ExitCode = 0 | 1 | 2 | 3 | 130;

/** Exit code of an error, as the table of codes gives it. */
export const exitCodeOf = (error: BurgeonError): ExitCode => errorTable[error.code].exit;

/** A misuse of the command line. */
export const usage = (message: string, hint: string): BurgeonError => new BurgeonError('USAGE', { message, hint });

/** The document that `--json` prints for an error; its four fields are always there. */
export const faultJson = (error: BurgeonError): { error: { code: string; message: string; hint: string; data: JsonValue } } => ({
  error: { code: error.code, message: error.message, hint: error.hint ?? '', data: error.data ?? {} },
});

/** Three lines for people: what happened, why or where, what to do. With `verbose` the stack and the causes follow. */
export const faultText = (error: BurgeonError, verbose: boolean): string => {
  const lines = [
    `${red(bold('error'))}  ${oneLine(error.message)}`,
    `  ${dim('why')}  ${error.code}: ${oneLine(reasonOf(error))}`,
    `   ${dim('do')}  ${oneLine(error.hint ?? 'See: burgeon --help')}`,
  ];
  if (verbose) lines.push('', ...stacks(error));
  return lines.join('\n');
};

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ').trim();

const shown = 3;

const reasonOf = (error: BurgeonError): string => {
  const issues = issuesOf(error.data);
  // A single issue is in the message already.
  if (issues.length < 2) return errorTable[error.code].meaning;
  const more = issues.length > shown ? `; and ${issues.length - shown} more` : '';
  return issues.slice(0, shown).join('; ') + more;
};

const issuesOf = (data: JsonValue | undefined): string[] => {
  const list = isRecord(data) && Object.hasOwn(data, 'issues') ? data['issues'] : undefined;
  if (!Array.isArray(list)) return [];
  return list.filter(isRecord).map((issue) => `${asText(issue['path']) || 'the whole'} ${asText(issue['message'])}`);
};

const isRecord = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const stacks = (error: unknown, depth = 0): string[] => {
  if (!(error instanceof Error) || depth > 4) return [];
  const own = (error.stack ?? error.message).split('\n').map(dim);
  return error.cause === undefined ? own : [...own, dim('caused by'), ...stacks(error.cause, depth + 1)];
};
