import { type QuickJSContext, type QuickJSHandle, newQuickJSWASMModule } from 'quickjs-emscripten';
import type { Contender } from '../../../packages/burgeon/src/measure/contender.ts';
import { gluedText, openCalls } from './glued.ts';
import { ownBytes } from './own-memory.ts';

/** Calls a function of the guest and lets it run until it rests. @throws {BurgeonError} what the guest throws */
const enter = (context: QuickJSContext, take: QuickJSHandle, given: readonly (string | number)[]): void => {
  const handles = given.map((each) => (typeof each === 'number' ? context.newNumber(each) : context.newString(each)));
  context.unwrapResult(context.callFunction(take, context.undefined, handles)).dispose();
  for (const each of handles) each.dispose();
  context.unwrapResult(context.runtime.executePendingJobs());
};

/** A runtime of its own for each module, all in one WebAssembly memory on the thread of the host. */
export const quickjs: Contender = {
  name: 'quickjs-emscripten',
  open: async () => {
    const library = await newQuickJSWASMModule();
    return {
      load: async () => {
        const runtime = library.newRuntime({ memoryLimitBytes: 128 * 1024 * 1024 });
        const context = runtime.newContext();
        const calls = openCalls((...given) => enter(context, take, given));
        const send = context.newFunction('send', (kind, id, text) =>
          calls.take(context.getString(kind), context.getNumber(id), context.getString(text)),
        );
        context.setProp(context.global, 'send', send);
        send.dispose();
        const take = context.unwrapResult(context.evalCode(`(() => {${gluedText}})()`));
        return {
          call: calls.call,
          close: async () => {
            take.dispose();
            context.dispose();
            runtime.dispose();
          },
        };
      },
      memoryBytes: ownBytes,
      close: async () => {},
    };
  },
};
