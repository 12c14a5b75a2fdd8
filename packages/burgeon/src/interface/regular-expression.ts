/** Regular expressions that take linear time: patterns come from outside, and a backtracking engine would let them stop the process. */
import { RE2JS } from 're2js';

/** A pattern that answers in time linear to its subject. */
export interface LinearPattern {
  test(text: string): boolean;
  /** The pattern. */
  toString(): string;
}

const compiled = new Map<string, LinearPattern | undefined>();

/** Patterns kept compiled at once. */
const capacity = 2_000;

/**
 * Compiles an ECMAScript pattern for the linear-time engine. Undefined when it cannot be: look-around, back references, repeats beyond
 * 1,000, or no valid pattern at all. Never falls back to a backtracking engine.
 */
export const linearPattern = (pattern: string): LinearPattern | undefined => {
  if (compiled.has(pattern)) return compiled.get(pattern);
  let made: LinearPattern | undefined;
  try {
    const engine = pattern.length > 4_000 ? undefined : RE2JS.compile(RE2JS.translateRegExp(pattern));
    // The schema engine keeps compiled patterns by their text.
    made = engine && { test: (text) => engine.test(text), toString: () => pattern };
  } catch {
    made = undefined;
  }
  if (compiled.size >= capacity) compiled.clear();
  compiled.set(pattern, made);
  return made;
};
