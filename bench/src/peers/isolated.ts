import ivm from 'isolated-vm';
import type { JsonValue } from '@burgeon/kit';
import type { Contender, LoadedModule } from '../../../packages/burgeon/src/measure/contender.ts';
import { moduleText } from '../../../packages/burgeon/src/measure/module-text.ts';
import { gluedText, openCalls } from './glued.ts';
import { ownBytes } from './own-memory.ts';

const heap = { memoryLimit: 128 };

const stageOf =
  (load: (isolate: ivm.Isolate) => LoadedModule['call']): Contender['open'] =>
  async () => {
    const open = new Set<ivm.Isolate>();
    return {
      load: async () => {
        const isolate = new ivm.Isolate(heap);
        open.add(isolate);
        return {
          call: load(isolate),
          close: async () => {
            open.delete(isolate);
            isolate.dispose();
          },
        };
      },
      memoryBytes: ownBytes,
      close: async () => {
        for (const each of open) each.dispose();
      },
    };
  };

/** An isolate for each module on the thread of the host: as fast as it gets, but whoever loops stops everything. */
export const isolatedSync: Contender = {
  name: 'isolated-vm in process, sync',
  open: stageOf((isolate) => {
    const context = isolate.createContextSync();
    const calls = openCalls((...given) => take.applySync(undefined, given));
    context.global.setSync('send', new ivm.Callback((kind: string, id: number, text: string) => calls.take(kind, id, text)));
    const take = context.evalSync(`(() => {${gluedText}})()`, { reference: true });
    return calls.call;
  }),
};

const asyncHead = `const host = { number: () => ask.apply(undefined, [], { result: { promise: true } }) };`;
const asyncTail = 'return async (operation, text) => JSON.stringify(await operations[operation](JSON.parse(text)));';

/** An isolate for each module on threads of its own, called with promises. */
export const isolatedAsync: Contender = {
  name: 'isolated-vm in process, async',
  open: stageOf((isolate) => {
    const context = isolate.createContextSync();
    context.global.setSync('ask', new ivm.Reference(async () => 0.5));
    const entry = context.evalSync(`(() => {${moduleText(asyncHead, asyncTail)}})()`, { reference: true });
    return async (operation, input) => {
      const given = [operation, JSON.stringify(input)];
      return JSON.parse((await entry.apply(undefined, given, { result: { promise: true } })) as string) as JsonValue;
    };
  }),
};
