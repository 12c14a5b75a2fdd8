import type { BundleFile, Capability, Interface, JsonObject, Operation, JsonSchema } from '@burgeon/kit';
import { isBinary, sizeOf } from '../../base/binary-file.ts';
import { typeText } from '../../interface/type-text.ts';
import { createValidator } from '../../interface/validate.ts';
import type { CheckVerdict } from '../../pipeline/check.ts';
import { createSynthesiser } from '../../mirror/synthesise/synthesiser.ts';
import { flag, textOption, type Action } from '../command.ts';
import { findModule, withVersion } from '../module.ts';
import { bold, count, cyan, dim, red, size, table, when } from '../text.ts';
import { unknownOperation } from './call.ts';
import { operationTable, quoted } from './describe.ts';
import { capabilityText, paintState } from './modules.ts';

/** The fields of a shown module that people see. */
interface Shown {
  id: string;
  version: string;
  state: string;
  digest: string;
  kind: string;
  host: string;
  createdAt: string;
  request?: string;
  checks: CheckVerdict[];
  trial: { passed: number; failed: number; skipped: number };
  title?: string;
  description?: string;
  /** Why it is not called although it was approved. */
  refusal?: string;
  remarks: { title?: string; note?: string };
  source: Interface['source'];
  capabilities: Capability[];
  files: (BundleFile | { path: string; bytes?: number })[];
  interface: Interface;
}

/** `show MODULE`: one module, or one of its operations. */
export const show: Action = async (invocation) => {
  const { terminal, words } = invocation;
  const reference = words[0] ?? '';
  const client = await invocation.open();
  const found = await findModule(client, reference);
  const input = { ...withVersion(reference, found), ...(flag(invocation, 'files') ? { files: true } : {}) };
  const result = await client.call('showModule', input);
  const shown = result as unknown as Shown;
  const operationId = textOption(invocation, 'operation');
  if (operationId === undefined) {
    terminal.result(result, () => moduleText(shown, terminal.columns, flag(invocation, 'files')));
    return;
  }
  const operation = shown.interface.operations.find(({ id }) => id === operationId);
  if (!operation) throw unknownOperation(shown.interface, found.id, operationId);
  const signature = signatureOf(operation, shown.interface);
  const example = exampleCall(found.id, operation, shown.interface);
  terminal.result({ ...(operation as unknown as JsonObject), signature, example }, () =>
    operationText(operation, signature, example),
  );
};

const moduleText = (shown: Shown, columns: number | undefined, withFiles: boolean): string => {
  const { id, version, state, interface: description } = shown;
  const facts = [
    ['source', `${shown.source.kind} from ${shown.source.location}`],
    ['runs in', `${shown.host} (${shown.kind})`],
    ['digest', shown.digest],
    ['made', when(Date.parse(shown.createdAt), Date.now())],
    ['checks', checksText(shown.checks)],
    ['tried', `${shown.trial.passed} passed, ${shown.trial.failed} failed, ${shown.trial.skipped} skipped`],
    ...(description.locations[0] ? [['lives at', description.locations[0].url]] : []),
  ];
  const lines = [
    `${bold(id)} ${version}  ${paintState(state)}`,
    ...(shown.title === undefined ? [] : [dim(shown.title)]),
    ...(shown.refusal === undefined ? [] : [`${red('Not to be called:')} ${shown.refusal}`]),
    ...[shown.remarks.title, shown.remarks.note].flatMap((said) => (said === undefined ? [] : [dim(`"${said}"`)])),
    table(facts.map(([name = '', value = '']) => [dim(name), value])),
    '',
    'May',
    shown.capabilities.length === 0
      ? dim('  do nothing outside itself')
      : table(
          shown.capabilities.map((each) => [capabilityText(each)]),
          { columns },
        ),
    '',
    count(description.operations.length, 'operation'),
    operationTable(description.operations, columns),
  ];
  if (withFiles) for (const file of shown.files) lines.push('', bold(file.path), contentText(file));
  const [first] = description.operations;
  if (state === 'pending' && shown.request !== undefined) lines.push('', `Next: ${cyan(`burgeon approve ${shown.request}`)}`);
  else if (first) lines.push('', `Next: ${cyan(`burgeon show ${id} --operation ${first.id}`)}`);
  return lines.join('\n');
};

/** How many passed, and how much they found: all of it is told by `check`. */
const checksText = (checks: CheckVerdict[]): string => {
  const passed = checks.filter(({ ok }) => ok).length;
  const found = checks.reduce((sum, { diagnostics }) => sum + diagnostics.length, 0);
  return `${passed} of ${checks.length} passed${found === 0 ? '' : `, ${count(found, 'finding')}`}`;
};

const contentText = (file: Shown['files'][number]): string => {
  if (!('text' in file)) return dim(size(file.bytes ?? 0));
  return isBinary(file.path) ? dim(`binary, ${size(sizeOf(file))}`) : file.text.trimEnd();
};

const signatureOf = (operation: Operation, { types }: Interface): string => {
  const input = typeText(operation.input as JsonSchema, { types, direction: 'input' });
  const output = typeText(operation.stream?.item ?? operation.output, { types });
  return `${operation.id}(input: ${input}): ${operation.stream ? 'AsyncIterable' : 'Promise'}<${output}>`;
};

/** A call to copy and change: an example of the description, else values made up for what is required. */
const exampleCall = (id: string, operation: Operation, { types }: Interface): string => {
  const given = operation.examples.find((example) => example.input !== undefined)?.input;
  const input = JSON.stringify(given ?? madeUp(operation, types));
  return `burgeon call ${id}.${operation.id}${input === '{}' ? '' : ` ${quoted(input)}`}`;
};

const madeUp = (operation: Operation, types: Interface['types']): JsonObject => {
  const synthesiser = createSynthesiser({ types, seed: 1, validator: createValidator(types) });
  const required = new Set(operation.input.required);
  const properties = Object.fromEntries(Object.entries(operation.input.properties).filter(([name]) => required.has(name)));
  const schema: JsonSchema = { type: 'object', properties, required: [...required], additionalProperties: false };
  return synthesiser.value(schema, { salt: operation.id, direction: 'request', preferExamples: true }) as JsonObject;
};

const operationText = (operation: Operation, signature: string, example: string): string =>
  [
    `${bold(operation.id)}  ${dim(operation.effect)}${operation.deprecated === true ? dim('  deprecated') : ''}`,
    ...(operation.summary === undefined ? [] : [operation.summary]),
    '',
    signature,
    ...(operation.errors.length === 0
      ? []
      : ['', 'Errors', table(operation.errors.map(({ code, description = '' }) => [code, description]))]),
    '',
    `Try: ${cyan(example)}`,
  ].join('\n');
