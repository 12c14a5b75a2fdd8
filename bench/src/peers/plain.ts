import { createContext, runInContext } from 'node:vm';
import type { Contender, LoadedModule } from '../../../packages/burgeon/src/measure/contender.ts';
import { type Calls, gluedText, openCalls } from './glued.ts';
import { ownBytes } from './own-memory.ts';

type Send = Calls['take'];
type Take = (kind: string, id: number, operation: string, text: string) => void;

/** A contender in this thread: `evaluate` runs the text and gives what takes calls. */
const inThisThread = (name: string, evaluate: (send: Send) => Take): Contender => ({
  name,
  open: async () => ({
    load: async (): Promise<LoadedModule> => {
      const calls = openCalls((...given) => take(...given));
      const take = evaluate((...given) => calls.take(...given));
      return { call: calls.call, close: async () => {} };
    },
    memoryBytes: ownBytes,
    close: async () => {},
  }),
});

/** No wall at all: the floor below which nobody gets. */
export const plain: Contender = inThisThread('new Function, no wall', (send) => {
  // oxlint-disable-next-line typescript/no-implied-eval -- it is what is measured
  const start = new Function('send', gluedText) as (to: Send) => Take;
  return start(send);
});

/** A context of `node:vm`, which Node itself calls no security mechanism. @see https://nodejs.org/api/vm.html */
export const context: Contender = inThisThread('node:vm context', (send) =>
  (runInContext(`((send) => {${gluedText}})`, createContext()) as (send: Send) => Take)(send),
);
