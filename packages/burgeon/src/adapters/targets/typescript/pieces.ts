/** Pieces that every stand-alone client is made of. */
import type { BundleFile, Interface } from '@burgeon/kit';
import { quoted } from '../../../interface/source-text.ts';
import type { PlannedOperation } from './plan.ts';

/** The part of a stand-alone package that depends on how the interface is reached. */
export interface ClientFiles {
  files: BundleFile[];
  /** How a client is made, for the README: a line of code without its semicolon. */
  making: string;
  /** What else a reader has to know: Markdown lines. */
  notes: string[];
}

/** True when an operation can be called without an input: `{}` would not do where a property is named like one that every object has. */
export const isOptional = ({ operation: { input } }: PlannedOperation): boolean =>
  (input.required ?? []).length === 0 && Object.keys(input.properties).every((name) => !(name in Object.prototype));

/** The input parameter of an implementation. */
export const inputParameter = (planned: PlannedOperation): string => (isOptional(planned) ? 'input = {}' : 'input');

/** A table as text that only JSON can read back: one quoted line per entry, so that a change shows as one line. */
export const tableText = (table: Record<string, unknown>): string => {
  const lines = Object.entries(table).map(
    ([key, value], index) => `  ${quoted(`${index === 0 ? '' : ','}${JSON.stringify(key)}:${JSON.stringify(value)}`)},\n`,
  );
  return `JSON.parse([\n  '{',\n${lines.join('')}  '}',\n].join(''))`;
};

/** True when every operation has a binding of that name. */
export const isBoundTo = ({ operations }: Interface, binding: string): boolean =>
  operations.every(({ bindings }) => Object.hasOwn(bindings, binding));
