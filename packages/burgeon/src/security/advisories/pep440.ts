/** A version of a Python package, taken apart. @see https://peps.python.org/pep-0440/ */
interface PythonVersion {
  epoch: number;
  release: number[];
  /** Letter and number of a pre-release: `a`, `b` or `rc`. */
  pre: [letter: string, number: number] | undefined;
  post: number | undefined;
  dev: number | undefined;
  local: (number | string)[] | undefined;
}

/** The grammar of PEP 440, appendix B, with every spelling that its normalisation allows. */
const grammar =
  /^v?(?:(\d{1,15})!)?(\d{1,15}(?:\.\d{1,15}){0,50})(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?(\d{1,15})?)?(?:-(\d{1,15})|[-_.]?(post|rev|r)[-_.]?(\d{1,15})?)?(?:[-_.]?(dev)[-_.]?(\d{1,15})?)?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/;

const letters: Readonly<Record<string, string>> = { alpha: 'a', beta: 'b', c: 'rc', pre: 'rc', preview: 'rc' };

const parse = (text: string): PythonVersion | undefined => {
  if (text.length > 300) return undefined;
  const match = grammar.exec(text.trim().toLowerCase());
  if (!match) return undefined;
  const [, epoch, release = '', letter, pre, dash, postWord, post, devWord, dev, local] = match;
  const numbers = release.split('.').map(Number);
  while (numbers.length > 1 && numbers.at(-1) === 0) numbers.pop();
  return {
    epoch: Number(epoch ?? 0),
    release: numbers,
    pre: letter === undefined ? undefined : [letters[letter] ?? letter, Number(pre ?? 0)],
    post: dash !== undefined ? Number(dash) : postWord === undefined ? undefined : Number(post ?? 0),
    dev: devWord === undefined ? undefined : Number(dev ?? 0),
    local: local?.split(/[-_.]/).map((part) => (/^\d+$/.test(part) ? Number(part) : part)),
  };
};

const [below, above] = [-Infinity, Infinity];

/** The order of PEP 440 as a row of numbers and texts; a shorter release is filled with zeros by whoever compares. */
const rowOf = ({ pre, post, dev }: PythonVersion): (number | string)[] => {
  // 1.0.dev1 comes before 1.0a1, which comes before 1.0.
  const ahead = pre ? pre : post === undefined && dev !== undefined ? [below, 0] : [above, 0];
  const [letter = '', number = 0] = ahead;
  const rank = typeof letter === 'number' ? letter : letter.charCodeAt(0);
  return [rank, number, post ?? below, dev ?? above];
};

const compareRows = (a: readonly (number | string)[], b: readonly (number | string)[]): number => {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const [left, right] = [a[at] ?? 0, b[at] ?? 0];
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
};

/** Local parts: none comes first, numbers come after words, and a longer one after its beginning. */
const compareLocal = (a: PythonVersion['local'], b: PythonVersion['local']): number => {
  if (!a || !b) return Number(a !== undefined) - Number(b !== undefined);
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const [left, right] = [a[at], b[at]];
    if (left === right) continue;
    if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
    if (typeof left !== typeof right) return typeof left === 'number' ? 1 : -1;
    return left < right ? -1 : 1;
  }
  return 0;
};

/** Compares two versions as Python does: below 0 when the first comes first; undefined when one of them is no version. */
export const comparePython = (a: string, b: string): number | undefined => {
  const [left, right] = [parse(a), parse(b)];
  if (!left || !right) return undefined;
  return (
    Math.sign(left.epoch - right.epoch) ||
    compareRows(left.release, right.release) ||
    compareRows(rowOf(left), rowOf(right)) ||
    compareLocal(left.local, right.local)
  );
};
