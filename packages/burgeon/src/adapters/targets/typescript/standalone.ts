/** The stand-alone package: a client that needs nothing but a fetch. */
import type { BundleFile, Interface, TargetOptions } from '@burgeon/kit';
import { BurgeonError } from '@burgeon/kit';
import { httpOperations, httpSchemes } from '../../../bindings/http/operation.ts';
import { kebabOf } from '../../../interface/naming.ts';
import { docComment, quoted } from '../../../interface/source-text.ts';
import { bodyTypes } from './body-types.ts';
import { header, operationLines } from './documentation.ts';
import { type Plan, type PlannedOperation, planOf } from './plan.ts';
import { readmeFile } from './readme.ts';
import { runtimeFiles } from './runtime-files.ts';
import { typesFile } from './types-file.ts';

const parameters = ({ operation, input }: PlannedOperation): string =>
  `input${(operation.input.required ?? []).length === 0 ? '?' : ''}: types.${input}, settings?: CallSettings`;

const methodText = (planned: PlannedOperation): string => {
  const { operation, name, output, pages } = planned;
  const result = operation.stream ? `AsyncIterable<types.${output}>` : `Promise<types.${output}>`;
  const text = `${docComment(operationLines(operation, 'HttpError'), '  ')}  ${name}(${parameters(planned)}): ${result};\n`;
  return pages === undefined
    ? text
    : `${text}  /** Walks all pages of {@link Api.${name}}. */\n  ${pages}(${parameters(planned)}): AsyncIterable<types.${output}>;\n`;
};

const implementationText = ({ operation, name, pages }: PlannedOperation): string => {
  const id = quoted(operation.id);
  const way = operation.stream ? 'stream' : 'send';
  const text = `    ${name}: (input = {}, settings) => ${way}(${id}, input, settings),\n`.replace(
    '(input = {}',
    (operation.input.required ?? []).length === 0 ? '(input = {}' : '(input',
  );
  if (pages === undefined) return text;
  return `${text}    ${pages}: (${(operation.input.required ?? []).length === 0 ? 'input = {}' : 'input'}, settings) => walk(${id}, input, settings),\n`;
};

const sending = `  const send = async <Output>(id: string, input: object, settings?: CallSettings): Promise<Output> =>
    (await raw.call(id, { ...input }, settings)).output as Output;
`;

const streaming = `  async function* stream<Item>(id: string, input: object, settings?: CallSettings): AsyncGenerator<Item, void, undefined> {
    const result = await raw.call(id, { ...input }, settings);
    if (result.stream) yield* result.stream as AsyncIterable<Item>;
    else if (Array.isArray(result.output)) yield* result.output as Item[];
    else yield result.output as Item;
  }
`;

const walking = `  async function* walk<Output>(id: string, input: object, settings?: CallSettings): AsyncGenerator<Output, void, undefined> {
    for await (const page of raw.pages(id, { ...input }, settings)) yield page.output as Output;
  }
`;

const indexFile = (plan: Plan): string => {
  const { operations } = plan;
  const needs = [
    operations.some(({ operation }) => !operation.stream) ? sending : '',
    operations.some(({ operation }) => operation.stream) ? streaming : '',
    operations.some(({ pages }) => pages !== undefined) ? walking : '',
  ].join('');
  return `${header(plan.description)}
import { baseUrl, operations, schemes } from './operations.ts';
import { createClient } from './runtime/client.ts';
import type { CallSettings, Client, ClientOptions } from './runtime/types.ts';
${operations.length > 0 ? "import type * as types from './types.ts';\n" : ''}
export type * from './types.ts';
export { AnswerError, AuthError, HttpError, InputError, NetworkError } from './runtime/errors.ts';
export type { CallSettings, HttpResult } from './runtime/types.ts';

/** How to reach the other side; everything has a default but the credentials. */
export type Options = Partial<Omit<ClientOptions, 'operations' | 'schemes' | 'bytes'>>;

/** Every operation as a method. */
export interface Api {
  /** The client below: gives status and headers beside the output. */
  readonly raw: Client;
${operations.map(methodText).join('')}}

/** Makes a client; nothing is sent before the first call. */
export const createApi = (options: Options = {}): Api => {
  const raw = createClient({ baseUrl, ownLocations: options.baseUrl === undefined, ...options, operations, schemes, bytes: 'binary' });
${needs}  return {
    raw,
${operations.map(implementationText).join('')}  };
};
`;
};

/** A table as text that only JSON can read back: one quoted line per entry, so that a change shows as one line. */
const tableText = (table: Record<string, unknown>): string => {
  const lines = Object.entries(table).map(
    ([key, value], index) => `  ${quoted(`${index === 0 ? '' : ','}${JSON.stringify(key)}:${JSON.stringify(value)}`)},\n`,
  );
  return `JSON.parse([\n  '{',\n${lines.join('')}  '}',\n].join(''))`;
};

/** The first address with its variables filled by their defaults. */
const baseUrlOf = ({ locations }: Interface): string => {
  const [first] = locations;
  const variables = first?.variables ?? {};
  return (first?.url ?? '').replace(/\{([^{}]*)\}/g, (whole, name: string) =>
    Object.hasOwn(variables, name) ? (variables[name]?.default ?? whole) : whole,
  );
};

const operationsFile = (description: Interface): string => `${header(description)}
import type { HttpOperation, HttpScheme } from './runtime/types.ts';

/** Address that paths are appended to, unless another one is given. */
export const baseUrl: string = ${quoted(baseUrlOf(description))};

/** How each operation looks on the wire. */
export const operations: Record<string, HttpOperation> = ${tableText(httpOperations(description))} as Record<string, HttpOperation>;

/** Where credentials go. */
export const schemes: Record<string, HttpScheme> = ${tableText(httpSchemes(description))} as Record<string, HttpScheme>;
`;

const packageFile = (description: Interface, options: TargetOptions): string =>
  `${JSON.stringify(
    {
      name: kebabOf(options.module.split('/').at(-1) ?? description.name),
      version: options.version,
      description: `Client of ${(description.title ?? description.name).slice(0, 200)}`,
      type: 'module',
      engines: { node: '>=20' },
      exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
      files: ['dist'],
      scripts: { build: 'tsc', prepack: 'npm run build' },
      devDependencies: { typescript: '^7.0.2' },
    },
    null,
    2,
  )}\n`;

const compilerFile = `${JSON.stringify(
  {
    compilerOptions: {
      target: 'es2023',
      lib: ['es2023', 'dom', 'dom.iterable', 'dom.asynciterable'],
      types: [],
      module: 'nodenext',
      moduleResolution: 'nodenext',
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      isolatedModules: true,
      verbatimModuleSyntax: true,
      erasableSyntaxOnly: true,
      rewriteRelativeImportExtensions: true,
      skipLibCheck: false,
      declaration: true,
      rootDir: '.',
      outDir: 'dist',
    },
    include: ['*.ts', 'runtime/*.ts'],
  },
  null,
  2,
)}\n`;

const refuseOthers = (description: Interface): void => {
  const foreign = description.operations.find(({ bindings }) => !Object.hasOwn(bindings, 'http'));
  if (!foreign) return;
  throw new BurgeonError('UNSUPPORTED', {
    message: `"${foreign.id}" cannot be called by a stand-alone client: it is not reached over HTTP.`,
    hint: 'Import the module instead ("import \\"burgeon:...\\""), or serve it over HTTP with "burgeon serve" and eject from that description.',
    data: { operation: foreign.id, protocols: Object.keys(foreign.bindings) },
  });
};

/**
 * Files of the stand-alone package.
 * @throws {BurgeonError} UNSUPPORTED when an operation is not reached over HTTP
 */
export const standaloneFiles = async (description: Interface, options: TargetOptions): Promise<BundleFile[]> => {
  refuseOthers(description);
  const plan = planOf(description);
  const files = [
    { path: 'README.md', text: readmeFile(plan, options) },
    { path: 'index.ts', text: indexFile(plan) },
    { path: 'operations.ts', text: operationsFile(description) },
    { path: 'package.json', text: packageFile(description, options) },
    { path: 'tsconfig.json', text: compilerFile },
    { path: 'types.ts', text: typesFile(plan, bodyTypes) },
    ...(await runtimeFiles('http', 'client.ts')),
  ];
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
};
