/** The client of an interface that is reached over HTTP: a method per operation over the copied runtime. */
import type { Interface } from '@burgeon/kit';
import { httpOperations, httpSchemes } from '../../../bindings/http/operation.ts';
import { markdownCode, markdownText } from '../../../interface/prose-text.ts';
import { commentLines, docComment, quoted } from '../../../interface/source-text.ts';
import { bodyTypes } from './body-types.ts';
import { header, operationLines } from './documentation.ts';
import { type ClientFiles, inputParameter, isOptional, tableText } from './pieces.ts';
import { type Plan, type PlannedOperation, planOf } from './plan.ts';
import { runtimeFiles } from './runtime-files.ts';
import { typesFile } from './types-file.ts';

const parameters = (planned: PlannedOperation): string =>
  `input${isOptional(planned) ? '?' : ''}: types.${planned.input}, settings?: CallSettings`;

const methodText = (planned: PlannedOperation): string => {
  const { operation, name, output, pages } = planned;
  const result = operation.stream ? `AsyncIterable<types.${output}>` : `Promise<types.${output}>`;
  const text = `${docComment(operationLines(operation, 'HttpError'), '  ')}  ${name}(${parameters(planned)}): ${result};\n`;
  return pages === undefined
    ? text
    : `${text}  /** Walks all pages of {@link Api.${name}}. */\n  ${pages}(${parameters(planned)}): AsyncIterable<types.${output}>;\n`;
};

const implementationText = (planned: PlannedOperation): string => {
  const { operation, name, pages } = planned;
  const id = quoted(operation.id);
  const input = inputParameter(planned);
  const text = `    ${name}: (${input}, settings) => ${operation.stream ? 'stream' : 'send'}(${id}, input, settings),\n`;
  return pages === undefined ? text : `${text}    ${pages}: (${input}, settings) => walk(${id}, input, settings),\n`;
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
import type { ${operations.length > 0 ? 'CallSettings, ' : ''}Client, ClientOptions } from './runtime/types.ts';
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

const schemeLine = (name: string, kind: string, description: string | undefined): string =>
  `- ${markdownCode(name)} (${kind})${description === undefined ? '' : `: ${markdownText(commentLines(description).join(' ').slice(0, 300))}`}`;

const notesOf = ({ auth }: Interface): string[] => {
  const schemes = Object.entries(auth).map(([key, scheme]) => schemeLine(key, scheme.kind, scheme.description));
  return [
    ...(schemes.length === 0 ? [] : ['`auth(scheme)` gives the credential of a scheme:', '', ...schemes, '']),
    'Answers that are no success throw `HttpError` (`status`, `body`, `headers`); inputs that cannot be sent throw `InputError`.',
    '`api.raw.call(operation, input)` gives status and headers beside the output.',
  ];
};

/** Files of a client that is reached over HTTP. */
export const httpClient = async (description: Interface): Promise<ClientFiles> => {
  const plan = planOf(description);
  return {
    files: [
      { path: 'index.ts', text: indexFile(plan) },
      { path: 'operations.ts', text: operationsFile(description) },
      { path: 'types.ts', text: typesFile(plan, bodyTypes) },
      ...(await runtimeFiles('http', 'client.ts')),
    ],
    making: Object.keys(description.auth).length === 0 ? 'createApi()' : 'createApi({ auth: (scheme) => process.env.TOKEN })',
    notes: notesOf(description),
  };
};
