import { rmSync } from 'node:fs';
import { mkdtemp, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JsonObject, type JsonValue, manifestExtension } from '@burgeon/kit';
import { createBurgeon } from '../burgeon.ts';

/** A throw-away Burgeon with modules that went through every stage. */
export interface MeasuredHome {
  /** Adds a module of one file: its part of plugin.json, and its code. */
  add(id: string, card: JsonObject, code: string): Promise<void>;
  manage(operation: string, input: JsonObject): Promise<JsonValue>;
  call(id: string, operation: string, input: JsonObject): Promise<JsonValue>;
  close(): Promise<void>;
}

/** The parts of an id, as operations of management take them. */
export const at = (id: string): { namespace: string; name: string } => {
  const [namespace = '', name = ''] = id.split('/');
  return { namespace, name };
};

/** Opens one in a folder of its own, which goes with it, also when the process ends before. */
export const openMeasuredHome = async (): Promise<MeasuredHome> => {
  const folder = await mkdtemp(join(tmpdir(), 'burgeon-measure-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  const home = join(folder, 'home');
  const first = await createBurgeon({ home });
  await first.init({ policy: 'unattended', totp: false });
  await first.close();
  const burgeon = await createBurgeon({ home });
  const manage = async (operation: string, input: JsonObject): Promise<JsonValue> =>
    (await burgeon.management.call(operation, input)).output;
  return {
    manage,
    add: async (id, card, code) => {
      const source = join(folder, id);
      await mkdir(source, { recursive: true });
      const manifest = { name: id.replace('/', '.'), extensions: { [manifestExtension]: card } };
      await writeFile(join(source, 'plugin.json'), JSON.stringify(manifest));
      await writeFile(join(source, 'index.js'), code);
      await manage('addModule', { what: source });
    },
    call: async (id, operation, input) =>
      ((await manage('callOperation', { ...at(id), operation, input })) as { output: JsonValue }).output,
    close: async () => {
      await burgeon.close();
      process.off('exit', remove);
      remove();
    },
  };
};
