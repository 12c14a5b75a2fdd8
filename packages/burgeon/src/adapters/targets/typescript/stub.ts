/** The stub: one typed function per operation that calls into the runtime. */
import type { BundleFile, Interface, TargetOptions } from '@burgeon/kit';
import { docComment, quoted } from '../../../interface/source-text.ts';
import { header, operationLines } from './documentation.ts';
import { isOptional } from './pieces.ts';
import { type Plan, type PlannedOperation, planOf } from './plan.ts';
import { typesFile } from './types-file.ts';

/** Module specifier that a stub imports its way to call from. */
const runtimeSpecifier = 'burgeon:runtime';

/** What the runtime module gives, for the compiler; lies beside every stub. */
const runtimeDeclaration = `// Written by Burgeon. What a stub needs to be compiled.
declare module '${runtimeSpecifier}' {
  /** Per-call options. */
  export interface CallOptions {
    /** Cancels the call. */
    signal?: AbortSignal;
    /** Joins the audit records of one chain of calls. */
    traceId?: string;
  }
  /** Calls one operation of a module. */
  export function call<Output>(module: string, operation: string, input: object, options?: CallOptions): Promise<Output>;
  /** Calls an operation whose result arrives item by item. */
  export function stream<Item>(module: string, operation: string, input: object, options?: CallOptions): AsyncIterable<Item>;
  /** Walks the pages of a long result. */
  export function pages<Output>(module: string, operation: string, input: object, options?: CallOptions): AsyncIterable<Output>;
}
`;

const functionText = (planned: PlannedOperation): string => {
  const { operation, name, input, output, pages } = planned;
  const parameters = `input: types.${input}${isOptional(planned) ? ' = {}' : ''}, options?: CallOptions`;
  const comment = docComment(operationLines(operation, 'BurgeonError REMOTE_ERROR'));
  const call = operation.stream ? 'stream' : 'call';
  const result = operation.stream ? `AsyncIterable<types.${output}>` : `Promise<types.${output}>`;
  const text = `${comment}export function ${name}(${parameters}): ${result} {\n  return ${call}(moduleId, ${quoted(operation.id)}, input, options);\n}\n`;
  if (pages === undefined) return text;
  const walk = `/** Walks all pages of {@link ${name}}. */\nexport function ${pages}(${parameters}): AsyncIterable<types.${output}> {\n`;
  return `${text}\n${walk}  return pages(moduleId, ${quoted(operation.id)}, input, options);\n}\n`;
};

/**
 * The default export: ids as keys; a computed key keeps `__proto__` an ordinary one. Its type is written out, so that declarations can be made
 * from this file alone.
 */
const defaultExport = (plan: Plan): string => {
  const entries = plan.operations.flatMap(({ operation, name, pages }) => {
    const key = operation.id === name ? name : `[${quoted(operation.id)}]`;
    return [[key, name], ...(pages === undefined ? [] : [[pages, pages]])];
  });
  const lines = (separator: string, value: (name: string) => string): string =>
    entries.map(([key = '', name = '']) => `  ${key}: ${value(name)}${separator}\n`).join('');
  const type = `{\n${lines(';', (name) => `typeof ${name}`)}}`;
  return `/** Every function of this module, by operation. */\nconst all: ${type} = {\n${lines(',', (name) => name)}};\n\nexport default all;\n`;
};

const indexFile = (plan: Plan, module: string): string => {
  const used = new Set(
    plan.operations.flatMap(({ operation, pages }) => [
      operation.stream ? 'stream' : 'call',
      ...(pages === undefined ? [] : ['pages']),
    ]),
  );
  const imports = [...used].toSorted();
  return [
    header(plan.description),
    imports.length === 0
      ? ''
      : `import { type CallOptions, ${imports.join(', ')} } from '${runtimeSpecifier}';\nimport type * as types from './types.ts';\n\n`,
    imports.length === 0 ? '' : `const moduleId = ${quoted(module)};\n\n`,
    plan.operations.map((planned) => `${functionText(planned)}\n`).join(''),
    defaultExport(plan),
  ].join('');
};

/** Files of the stub: `index.ts`, `types.ts`, `runtime.d.ts`. */
export const stubFiles = (description: Interface, options: TargetOptions): BundleFile[] => {
  const plan = planOf(description);
  return [
    { path: 'index.ts', text: indexFile(plan, options.module) },
    { path: 'runtime.d.ts', text: runtimeDeclaration },
    { path: 'types.ts', text: typesFile(plan) },
  ];
};
