import { stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { BurgeonError, type JsonObject } from '@burgeon/kit';
import { asText } from '../../base/json.ts';
import type { Envelope, Statement } from '../../security/sign.ts';
import { flag, textOption, type Action } from '../command.ts';
import { usage } from '../fault.ts';
import { findModule, withVersion } from '../module.ts';
import { bold, count, cyan, dim, green, red, size, table } from '../text.ts';

interface Written {
  module: string;
  name: string;
  integrity: string;
  files: number;
  bytes: number;
  base64: string;
}

/** `package MODULE`: writes a released version as a package that others can take in. */
export const packageModule: Action = async (invocation) => {
  const [reference = ''] = invocation.words;
  const client = await invocation.open();
  const found = await findModule(client, reference);
  const { base64, ...written } = (await client.call('packageModule', withVersion(reference, found))) as unknown as Written;
  const out = await placeOf(textOption(invocation, 'out') ?? '.', written.name);
  await writeFile(out, Buffer.from(base64, 'base64'), { flag: flag(invocation, 'force') ? 'w' : 'wx' }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') throw usage(`${out} is there already.`, 'Choose another file with --out, or add --force.');
      throw new BurgeonError('HOME_UNWRITABLE', {
        message: `${out} cannot be written (${error.code ?? error.message}).`,
        hint: 'Choose another place with --out.',
        cause: error,
      });
    },
  );
  invocation.terminal.result({ ...written, out }, () =>
    [
      `${green('Wrote')} ${bold(written.module)}  ${count(written.files, 'file')}, ${size(written.bytes)}`,
      table([
        [dim('file'), out],
        [dim('integrity'), written.integrity],
      ]),
      '',
      `There: ${cyan(`burgeon add ${written.name} --integrity ${written.integrity}`)}`,
    ].join('\n'),
  );
};

/** A folder takes the file under its own name. */
const placeOf = async (out: string, name: string): Promise<string> => {
  const isFolder = await stat(out).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return resolve(isFolder ? join(out, name) : out);
};

interface Attested {
  module: string;
  counts: boolean;
  refusal?: { message: string };
  statement: Statement;
  envelope: Envelope;
}

/** `attest MODULE`: the signed statement of a version. */
export const attest: Action = async (invocation) => {
  const [reference = ''] = invocation.words;
  const client = await invocation.open();
  const found = await findModule(client, reference);
  const result = await client.call('attestModule', withVersion(reference, found));
  invocation.terminal.result(result, () => attestedText(result as unknown as Attested));
};

const attestedText = ({ module, counts, refusal, statement, envelope }: Attested): string => {
  const { predicate } = statement;
  const build = predicate['buildDefinition'] as JsonObject | undefined;
  return [
    `${bold(module)}  ${counts ? green('verified') : red(refusal?.message ?? 'not verified')}`,
    table([
      [dim('says'), statement.predicateType],
      [dim('signed by'), envelope.signatures.map(({ keyid }) => keyid).join(', ')],
      [dim('speaks of'), count(statement.subject.length, 'digest')],
      ...(build ? [[dim('made by'), asText((build['internalParameters'] as JsonObject)['generator'])]] : []),
    ]),
    '',
    dim('Statement (in-toto)'),
    JSON.stringify(statement, null, 2),
    '',
    dim('Envelope (DSSE)'),
    JSON.stringify(envelope, null, 2),
  ].join('\n');
};
