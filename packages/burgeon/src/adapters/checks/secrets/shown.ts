import type { Interface } from '@burgeon/kit';

/** Members whose text is there to be read by people. */
const forPeople: ReadonlySet<string> = new Set([
  'example',
  'examples',
  'x-example',
  'x-examples',
  'description',
  'summary',
  'title',
]);

/** Texts of a description: those for people, and those that take effect. */
const textsOf = (description: Interface): { shown: string[]; working: string[] } => {
  const texts = { shown: [] as string[], working: [] as string[] };
  const waiting: [value: unknown, isShown: boolean][] = [[description, false]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [value, isShown] = next;
    if (typeof value === 'string') texts[isShown ? 'shown' : 'working'].push(value);
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, item] of Object.entries(value)) waiting.push([item, isShown || forPeople.has(key)]);
  }
  return texts;
};

/** True for values that stand in the examples and words of a description, and nowhere where they would be used. */
export const shownOnly = (description: Interface): ((value: string) => boolean) => {
  let texts: ReturnType<typeof textsOf> | undefined;
  return (value) => {
    texts ??= textsOf(description);
    const stands = (text: string): boolean => text.includes(value);
    return texts.shown.some(stands) && !texts.working.some(stands);
  };
};
