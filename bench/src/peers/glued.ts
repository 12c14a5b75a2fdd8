import type { JsonObject, JsonValue } from '@burgeon/kit';
import { moduleText } from '../../../packages/burgeon/src/measure/module-text.ts';

const head = `const waiting = new Map();
let asked = 0;
const host = { number: () => new Promise((resolve) => { waiting.set(++asked, resolve); send('ask', asked, ''); }) };`;

const tail = `return (kind, id, operation, text) => {
  if (kind === 'answer') {
    const resolve = waiting.get(id);
    waiting.delete(id);
    return resolve(JSON.parse(text));
  }
  operations[operation](JSON.parse(text)).then((value) => send('done', id, JSON.stringify(value)), (error) => send('failed', id, String(error)));
};`;

/**
 * The module that everybody runs, with what connects it to the other side: the body of a function that takes `send(kind, id, text)` and gives
 * `take(kind, id, operation, text)`. Only numbers and texts cross, as with any wall.
 */
export const gluedText: string = moduleText(head, tail);

/** The other side: what is sent to a module and comes back. */
export interface Calls {
  call(operation: string, input: JsonObject): Promise<JsonValue>;
  /** Whatever the module sends goes in here. */
  take(kind: string, id: number, text: string): void;
}

/** What the host is asked for: a number, given at once as a promise. */
const hostNumber = async (): Promise<number> => 0.5;

/** Opens the other side. `post` carries to the module what its `take` takes. */
export const openCalls = (post: (kind: string, id: number, operation: string, text: string) => void): Calls => {
  const pending = new Map<number, PromiseWithResolvers<JsonValue>>();
  let calls = 0;
  return {
    call: (operation, input) => {
      const deferred = Promise.withResolvers<JsonValue>();
      pending.set(++calls, deferred);
      post('call', calls, operation, JSON.stringify(input));
      return deferred.promise;
    },
    take: (kind, id, text) => {
      if (kind === 'ask') return void hostNumber().then((value) => post('answer', id, '', JSON.stringify(value)));
      const deferred = pending.get(id);
      pending.delete(id);
      if (kind === 'done') deferred?.resolve(JSON.parse(text) as JsonValue);
      else deferred?.reject(new TypeError(text));
    },
  };
};
