/** Reading JSON, almost-JSON and YAML from anyone: tolerant, within a budget, able to say where in the text a value stands. */
import { BurgeonError, type Diagnostic } from '@burgeon/kit';
import { isObject, pointerPath } from '../json.ts';
import { bracketedOffsets } from './bracketed-positions.ts';
import { type DocumentBudget, guardText, guardValue, tooComplex } from './guard.ts';
import { readPlainYaml } from './plain-yaml.ts';
import { type Position, positionAt, positionsAt } from './position.ts';
import { repairBrackets } from './repair.ts';
import { refuseForeign } from './foreign.ts';

/** A document that was read. */
export interface ReadDocument {
  /** Plain data; `__proto__` is an ordinary key. */
  value: unknown;
  /** What had to be passed over or repaired. */
  diagnostics: Diagnostic[];
  /** Where the value of a JSON pointer stands. Costs a pass over the text: for many pointers use `positionsOf`. */
  positionOf(pointer: string): Position | undefined;
  /** Where the values of many JSON pointers stand; one pass over the text. Pointers that name nothing are left out. */
  positionsOf(pointers: Iterable<string>): Map<string, Position>;
}

/** What is known about a document before it is read. */
export interface ReadDocumentOptions {
  /** Media type the sender gave; only used to word errors. */
  mediaType?: string;
}

/**
 * Reads a document: strict JSON, then JSON with comments, trailing commas and the like, then JSON whose brackets contradict
 * its indentation, then YAML 1.2, then YAML 1.1.
 * @throws {BurgeonError} SPEC_TOO_COMPLEX when it exceeds the budget, SOURCE_INVALID (data: line, column) when nothing can read it
 */
export const readDocument = async (
  text: string,
  budget: DocumentBudget,
  options: ReadDocumentOptions = {},
): Promise<ReadDocument> => {
  refuseForeign(text, options.mediaType);
  const shape = guardText(text, budget);
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  if (shape === 'indented') return fromYaml(source, budget);
  try {
    return documentOf(source, JSON.parse(source), [], (pointers) => bracketedOffsets(source, pointers));
  } catch (cause) {
    return fromAlmostJson(source, budget, cause);
  }
};

const documentOf = (
  text: string,
  value: unknown,
  diagnostics: Diagnostic[],
  offsetsOf: (pointers: Iterable<string>) => Map<string, number>,
): ReadDocument => {
  const positionsOf = (pointers: Iterable<string>): Map<string, Position> => positionsAt(text, offsetsOf(pointers));
  return { value, diagnostics, positionOf: (pointer) => positionsOf([pointer]).get(pointer), positionsOf };
};

const note = (code: string, message: string, position?: Position): Diagnostic => ({
  severity: 'warning',
  code,
  message,
  path: '',
  ...(position === undefined ? {} : { position }),
});

const fromAlmostJson = async (text: string, budget: DocumentBudget, cause: unknown): Promise<ReadDocument> => {
  const strict = faultOfJson(text, cause);
  const { default: json5 } = await import('json5');
  const tolerant = (repaired: string): unknown => {
    const value = json5.parse<unknown>(repaired);
    guardValue(value, budget);
    return value;
  };
  try {
    const found = note('not-strict-json', `The document is not strict JSON: ${strict.message}.`, strict.position);
    return documentOf(text, tolerant(text), [found], (pointers) => bracketedOffsets(text, pointers));
  } catch (fault) {
    if (BurgeonError.is(fault)) throw fault;
  }
  const repaired = repairBrackets(text);
  if (repaired !== undefined) {
    try {
      const value = tolerant(repaired.text);
      const found = repaired.changes.map(({ offset, what, bracket }) =>
        note('bracket-repaired', `A "${bracket}" that contradicts the indentation was ${what}.`, positionAt(text, offset)),
      );
      return documentOf(repaired.text, value, found, (pointers) => bracketedOffsets(repaired.text, pointers));
    } catch (fault) {
      if (BurgeonError.is(fault)) throw fault;
    }
  }
  const yaml = await tryYaml(text, budget, true);
  if (yaml !== undefined) {
    yaml.diagnostics.unshift(
      note('not-strict-json', `The document is not JSON (${strict.message}); it was read as YAML.`, strict.position),
    );
    return yaml;
  }
  throw invalid(strict.message, strict.position);
};

const fromYaml = async (text: string, budget: DocumentBudget): Promise<ReadDocument> => {
  const plain = fromPlainYaml(text, budget);
  if (plain !== undefined) return plain;
  const document = await tryYaml(text, budget, false);
  if (document === undefined) throw invalid('neither JSON nor YAML can be made of it', { line: 1, column: 1 });
  return document;
};

/** The fast way for ordinary YAML; undefined when the full reader has to judge. */
const fromPlainYaml = (text: string, budget: DocumentBudget): ReadDocument | undefined => {
  const lines = text.includes('\r') ? text.replaceAll('\r\n', '\n') : text;
  if (lines.includes('\r')) return undefined;
  const read = readPlainYaml(lines, budget.depth);
  if (read === undefined) return undefined;
  guardValue(read.value, budget);
  return documentOf(lines, read.value, [], (pointers) => plainOffsets(lines, budget.depth, pointers));
};

/** Offsets are found by reading once more with an ear on every part. */
const plainOffsets = (text: string, depth: number, pointers: Iterable<string>): Map<string, number> => {
  const offsets = new Map<object, Map<string, number>>();
  const read = readPlainYaml(text, depth, (container, key, offset) => {
    const known = offsets.get(container);
    if (known === undefined) offsets.set(container, new Map([[key, offset]]));
    else known.set(key, offset);
  });
  const found = new Map<string, number>();
  for (const pointer of pointers) {
    let value = read?.value;
    let offset: number | undefined = 0;
    for (const token of pointerPath(pointer)) {
      offset = isContainer(value) ? offsets.get(value)?.get(token) : undefined;
      if (offset === undefined) break;
      value = (value as Record<string, unknown>)[token];
    }
    if (offset !== undefined) found.set(pointer, offset);
  }
  return found;
};

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** The full reader is slow: what it would take seconds for is refused. */
const mostForFullReader = 8 * 1024 * 1024;

/** Undefined when the text is not YAML at all; with `strictly`, also when the parser had to pass over a fault. */
const tryYaml = async (text: string, budget: DocumentBudget, strictly: boolean): Promise<ReadDocument | undefined> => {
  if (text.length > mostForFullReader) throw tooComplex('characters of unusual YAML', mostForFullReader);
  const { readYaml } = await import('./yaml.ts');
  let first: { message: string; offset: number } | undefined;
  let salvaged: ReadDocument | undefined;
  for (const version of ['1.2', '1.1'] as const) {
    try {
      const reading = readYaml(text, version);
      guardValue(reading.value, budget);
      first ??= reading.errors[0];
      const found = [...reading.errors, ...reading.warnings].slice(0, 100);
      const diagnostics = found.map(({ message, offset }) => note('yaml-fault', firstLine(message), positionAt(text, offset)));
      const document = documentOf(text, jsonOf(reading.value), diagnostics, reading.offsetsOf);
      if (reading.errors.length === 0) return document;
      salvaged ??= document;
    } catch (fault) {
      if (BurgeonError.is(fault)) throw fault;
      if (fault instanceof RangeError) throw tooDeep(budget);
      first ??= { message: fault instanceof Error ? fault.message : String(fault), offset: 0 };
    }
  }
  if (strictly) return undefined;
  // What a parser makes of a broken text is worth keeping only when it still looks like a document.
  if (salvaged !== undefined && isObject(salvaged.value) && Object.keys(salvaged.value).length > 1) return salvaged;
  throw invalid(firstLine(first?.message ?? 'it is empty'), positionAt(text, first?.offset ?? 0));
};

const tooDeep = (budget: DocumentBudget): BurgeonError =>
  new BurgeonError('SPEC_TOO_COMPLEX', {
    message: `The document has more than ${budget.depth} levels of nesting.`,
    hint: 'Split the document, or raise the budget if you trust where it comes from.',
  });

/** YAML has numbers that JSON has not; parts that are shared stay shared. */
const jsonOf = (root: unknown): unknown => {
  if (typeof root === 'number' && !Number.isFinite(root)) return null;
  const stack = [root];
  const seen = new Set<unknown>();
  for (let value = stack.pop(); value !== undefined || stack.length > 0; value = stack.pop()) {
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    const record = value as Record<string, unknown>;
    for (const key of Object.keys(record)) {
      const part = record[key];
      if (typeof part === 'number' && !Number.isFinite(part)) record[key] = null;
      else if (typeof part === 'bigint') record[key] = Number(part);
      else if (typeof part === 'object' && part !== null) stack.push(part);
    }
  }
  return root;
};

const firstLine = (message: string): string => message.split('\n', 1)[0]!.replace(/ at line \d+, column \d+:?$/, '');

/** Sentence and place of what the platform's JSON reader found wrong. */
const faultOfJson = (text: string, cause: unknown): { message: string; position: Position } => {
  const full = cause instanceof Error ? cause.message : String(cause);
  const at = / at position (\d+)/.exec(full)?.[1];
  const ended = /end of JSON|Unterminated/.test(full);
  const offset = at === undefined ? (ended ? text.length : 0) : Number(at);
  const message = full.replace(/(?: in JSON)? at position \d+.*$/s, '').replace(/, "?[^]*is not valid JSON$/, '');
  return { message: ended ? `the text ends early (${message})` : message, position: positionAt(text, offset) };
};

const invalid = (message: string, position: Position): BurgeonError =>
  new BurgeonError('SOURCE_INVALID', {
    message: `The document cannot be read: ${message} (line ${position.line}, column ${position.column}).`,
    hint: 'Correct the text at that place; a JSON or YAML linter shows it.',
    data: { line: position.line, column: position.column },
  });
