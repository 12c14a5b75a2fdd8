import type { TestCase } from '../report.ts';

/** What a TAP document says. `whole`: the plan at its end is there, and was kept. */
export interface TapRead {
  cases: TestCase[];
  whole: boolean;
}

/** Lines of one document that are looked at. */
const mostLines = 500_000;

interface Point {
  depth: number;
  failed: boolean;
  name: string;
  directive: string;
  reason: string;
  fields: Map<string, string>;
  suite: boolean;
}

/**
 * Reads a TAP document as node:test and others write it: subtests are indented by four blanks, and told before the line that closes them.
 * @see https://testanything.org/tap-version-14-specification.html
 */
export const readTap = (text: string, file: string): TapRead => {
  const lines = text.split('\n', mostLines);
  const names: string[] = [];
  const counted: number[] = [];
  const cases: TestCase[] = [];
  let planned: number | undefined;
  let bailed = false;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const depth = Math.floor((/^ */.exec(line)?.[0].length ?? 0) / 4);
    const body = line.slice(depth * 4);
    const subtest = /^# Subtest: (.*)$/.exec(body);
    if (subtest) names[depth] = unescaped(subtest[1] ?? '');
    if (body.startsWith('Bail out!')) bailed = true;
    const plan = depth === 0 ? /^1\.\.(\d+)/.exec(body) : null;
    if (plan) planned = Number(plan[1]);
    const point = pointAt(lines, at, depth);
    if (!point) continue;
    const had = counted[depth + 1] ?? 0;
    counted[depth + 1] = 0;
    counted[depth] = (counted[depth] ?? 0) + 1;
    const isSuite = point.suite || (had > 0 && !point.fields.has('type'));
    // A suite counts when it is itself what failed, in a hook for example.
    const own = !isSuite || (point.failed && point.fields.get('failureType') !== 'subtestsFailed' && had === 0);
    if (own) cases.push(caseOf(point, names.slice(0, depth), file));
  }
  return { cases, whole: !bailed && planned !== undefined && planned === (counted[0] ?? 0) };
};

const pointAt = (lines: readonly string[], at: number, depth: number): Point | undefined => {
  const [, not, , rest = ''] = /^(not )?ok\b ?(\d+)?(?: - | )?(.*)$/.exec((lines[at] ?? '').slice(depth * 4)) ?? [];
  if (!/^(?:not )?ok\b/.test((lines[at] ?? '').slice(depth * 4))) return undefined;
  const [, name = rest, directive = '', reason = ''] = /^(.*?)\s+# *(SKIP|TODO)\b:? ?(.*)$/i.exec(rest) ?? [];
  const fields = fieldsAfter(lines, at + 1, depth * 4 + 2);
  return {
    depth,
    failed: not !== undefined,
    name: unescaped(name),
    directive: directive.toUpperCase(),
    reason,
    fields,
    suite: fields.get('type') === 'suite',
  };
};

const unescaped = (text: string): string => text.replaceAll(/\\([\\#])/g, '$1').trim();

/** The block of details after a line: `---` to `...`. Only flat texts of it. */
const fieldsAfter = (lines: readonly string[], from: number, indent: number): Map<string, string> => {
  const fields = new Map<string, string>();
  const blank = ' '.repeat(indent);
  if (lines[from] !== `${blank}---`) return fields;
  for (let at = from + 1; at < lines.length && lines[at] !== `${blank}...`; at++) {
    const [, key, value = ''] = /^(\w+): ?(.*)$/.exec((lines[at] ?? '').slice(indent)) ?? [];
    if (key === undefined) continue;
    if (!/^[|>]-?$/.test(value)) fields.set(key, value.replace(/^(['"])(.*)\1$/, '$2'));
    else {
      const block: string[] = [];
      while (at + 1 < lines.length && /^\s*$/.test((lines[at + 1] ?? '').slice(indent, indent + 2)))
        block.push((lines[++at] ?? '').slice(indent + 2));
      fields.set(key, block.join('\n').trim());
    }
  }
  return fields;
};

const caseOf = ({ failed, name, directive, reason, fields }: Point, around: readonly string[], file: string): TestCase => {
  const state = directive === '' ? (failed ? 'failed' : 'passed') : 'skipped';
  const message = state === 'failed' ? (fields.get('error') ?? '') : reason;
  return {
    name: [...around, name].join(' > '),
    file,
    state,
    ...(message === '' ? {} : { message }),
    ms: Number(fields.get('duration_ms') ?? 0) || 0,
  };
};
