import type { BundleFile, Capability, Interface, JsonObject, Operation } from '@burgeon/kit';
import { flag, textOption, type Action } from '../command.ts';
import { findModule, withVersion } from '../module.ts';
import { exampleInput, typeText } from '../signature.ts';
import { bold, count, cyan, dim, size, table, when } from '../text.ts';
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
  title?: string;
  description?: string;
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
    ...(description.locations[0] ? [['lives at', description.locations[0].url]] : []),
  ];
  const lines = [
    `${bold(id)} ${version}  ${paintState(state)}`,
    ...(shown.title === undefined ? [] : [dim(shown.title)]),
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
  if (withFiles)
    for (const file of shown.files)
      lines.push('', bold(file.path), 'text' in file ? file.text.trimEnd() : dim(size(file.bytes ?? 0)));
  const [first] = description.operations;
  if (first) lines.push('', `Next: ${cyan(`burgeon show ${id} --operation ${first.id}`)}`);
  return lines.join('\n');
};

const signatureOf = (operation: Operation, description: Interface): string => {
  const input = typeText(operation.input, description.types);
  const item = operation.stream ? typeText(operation.stream.item, description.types) : '';
  const output = operation.stream ? `AsyncIterable<${item}>` : `Promise<${typeText(operation.output, description.types)}>`;
  return `${operation.id}(input: ${input}): ${output}`;
};

const exampleCall = (id: string, operation: Operation, description: Interface): string => {
  const input = JSON.stringify(exampleInput(operation, description.types));
  return `burgeon call ${id}.${operation.id}${input === '{}' ? '' : ` ${quoted(input)}`}`;
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
