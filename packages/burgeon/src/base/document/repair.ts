/** A bracketed text after brackets that contradict its own indentation were taken out or put in. */
export interface Repaired {
  text: string;
  /** Offset in the original text and what was done there. */
  changes: { offset: number; what: 'removed' | 'added'; bracket: string }[];
}

/** A bracket that is open: indentation of its line, what closes it, whether it stands first on the line. */
interface Opener {
  indent: number;
  closer: string;
  first: boolean;
}

/**
 * Repairs one lost or doubled bracket in a neatly indented JSON text: a closer that stands first on its line must stand exactly under
 * the line that opened. Gives up (undefined) when the text ends early, or when nothing contradicts.
 */
export const repairBrackets = (text: string): Repaired | undefined => {
  const open: Opener[] = [];
  const changes: Repaired['changes'] = [];
  const parts: string[] = [];
  let copied = 0;
  let indent = 0;
  let first = true;
  for (let index = 0; index < text.length; index++) {
    const character = text[index]!;
    if (character === '\n') {
      first = true;
      indent = 0;
    } else if (first && (character === ' ' || character === '\t')) indent++;
    else if (character === '"') {
      first = false;
      index = endOfString(text, index);
    } else if (character === '{' || character === '[') {
      const top = open.at(-1);
      // An object that begins where another one is still open, right under its opener: the other was never closed.
      if (first && character === '{' && top?.closer === '}' && top.indent === indent && top.first) {
        changes.push({ offset: index, what: 'added', bracket: '}' });
        parts.push(text.slice(copied, index), '},');
        copied = index;
        open.pop();
      }
      open.push({ indent, closer: character === '{' ? '}' : ']', first });
      first = false;
    } else if (character === '}' || character === ']') {
      const edit = first ? judge(open, indent, character) : 'keep';
      first = false;
      if (edit === 'remove') {
        changes.push({ offset: index, what: 'removed', bracket: character });
        parts.push(text.slice(copied, index), ' ');
        copied = index + 1;
        continue;
      }
      if (edit !== 'keep') {
        for (const bracket of edit) changes.push({ offset: index, what: 'added', bracket });
        parts.push(text.slice(copied, index), edit.join(''));
        copied = index;
      }
      open.pop();
      if (changes.length > 16) return undefined;
    } else if (character !== '\r') first = false;
  }
  if (open.length > 0 || changes.length === 0) return undefined;
  return { text: parts.join('') + text.slice(copied), changes };
};

/** What to do with a closer that stands first on its line: keep or remove it, or put the lost ones before it. */
const judge = (open: Opener[], indent: number, closer: string): 'keep' | 'remove' | string[] => {
  const top = open.at(-1);
  if (top === undefined || top.indent < indent) return 'remove';
  const lost: string[] = [];
  while (open.length > 1 && open.at(-1)!.indent > indent) lost.push(open.pop()!.closer);
  if (open.at(-1)!.indent !== indent || open.at(-1)!.closer !== closer) return 'keep';
  return lost.length === 0 ? 'keep' : lost;
};

const endOfString = (text: string, start: number): number => {
  for (let index = start + 1; index < text.length; index++) {
    const character = text[index];
    if (character === '\\') index++;
    else if (character === '"' || character === '\n') return character === '"' ? index : index - 1;
  }
  return text.length;
};
