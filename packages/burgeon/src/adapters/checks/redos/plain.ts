/** Counted repetitions up to this many are as good as written out. */
const fewTimes = 100;

/** Ways that a short expression may try in all, through optional parts and counted repetitions. */
const mostWays = 4_096;

/** What was seen of an expression in one pass. */
interface Seen {
  /** Repetitions without a bound worth the name. */
  endless: number;
  ways: number;
  branches: boolean;
}

/**
 * True when an expression cannot take long whatever the text, and that is plain from its form: nothing but single characters is repeated, and
 * without an end at most once, after a fixed beginning. False says nothing.
 */
export const isPlainlyQuick = (source: string, flags: string): boolean => {
  const seen = scan(source);
  if (!seen || seen.ways > mostWays) return false;
  if (seen.endless === 0) return true;
  const fixed = flags.includes('y') || (source.startsWith('^') && !flags.includes('m') && !seen.branches);
  return fixed && seen.endless === 1;
};

const scan = (source: string): Seen | undefined => {
  const seen: Seen = { endless: 0, ways: 1, branches: false };
  let before = '';
  for (let at = 0; at < source.length;) {
    const part = partAt(source, at);
    if (part === undefined) return undefined;
    if (part === '|') seen.branches = true;
    const most = timesOf(part);
    if (most !== undefined) {
      // A group that is repeated may be entered in more ways than one.
      if (before === ')' && most > 1) return undefined;
      if (most > fewTimes) seen.endless += 1;
      else seen.ways *= most + 1;
    }
    before = part;
    at += part.length;
  }
  return seen;
};

/** A class, an escape, a quantifier, the head of a group, or one character; undefined for what looks around or back. */
const partAt = (source: string, at: number): string | undefined => {
  const pattern =
    /\[(?:\\[\s\S]|[^\]\\])*\]|\\(?:[pPu]\{[^}]*\}|[xu][\da-fA-F]{2,4}|[\s\S])|[*+?]\??|\{\d+(?:,\d*)?\}\??|\(\?:|\((?!\?)|\(\?<\w+>|[^\\[(]/y;
  pattern.lastIndex = at;
  const [part] = pattern.exec(source) ?? [];
  return part !== undefined && /^\\[1-9k]/.test(part) ? undefined : part;
};

/** How often the part before may come at most; undefined for what is no quantifier. */
const timesOf = (part: string): number | undefined => {
  const sign = part[0];
  if (part.length <= 2 && (sign === '*' || sign === '+')) return Infinity;
  if (part.length <= 2 && sign === '?') return 1;
  const [, least, comma, most] = /^\{(\d+)(,?)(\d*)\}/.exec(part) ?? [];
  if (least === undefined) return undefined;
  return comma === '' ? Number(least) : most === '' ? Infinity : Number(most);
};
