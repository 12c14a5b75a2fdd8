/**
 * A function that remembers what it gave for a text. At most `most` answers are kept: names of topics come from code, which may make up as
 * many as it likes.
 */
export const remember = <T>(find: (text: string) => T, most = 1_000): ((text: string) => T) => {
  const known = new Map<string, T>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const found = find(text);
    if (known.size >= most) known.clear();
    known.set(text, found);
    return found;
  };
};
