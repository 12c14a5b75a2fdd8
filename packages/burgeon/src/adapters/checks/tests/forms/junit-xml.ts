import type { TestCase } from '../report.ts';

/** A beginning or end of an element, or text between. */
type Piece =
  { kind: 'open' | 'close' | 'empty'; name: string; attributes: Record<string, string> } | { kind: 'text'; text: string };

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

const decoded = (text: string): string =>
  text.replaceAll(/&(?:#(\d{1,7})|#x([\da-fA-F]{1,6})|(\w{2,4}));/g, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return entities[name] ?? whole;
    const point = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
    return point <= 0x10ffff ? String.fromCodePoint(point) : '';
  });

/** Takes XML apart that has no document type; entities of its own have none either. */
function* piecesOf(text: string): Generator<Piece> {
  const pattern =
    /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<(\/?)([\w.:-]+)((?:\s+[\w.:-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|([^<]+)/g;
  for (const [, cdata, slash, name, attributes = '', empty, plain] of text.matchAll(pattern)) {
    if (cdata !== undefined) yield { kind: 'text', text: cdata };
    else if (plain !== undefined) yield { kind: 'text', text: decoded(plain) };
    else if (name !== undefined) {
      const pairs = [...attributes.matchAll(/([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)];
      yield {
        kind: slash === '/' ? 'close' : empty === '/' ? 'empty' : 'open',
        name,
        attributes: Object.fromEntries(pairs.map(([, key = '', double, single]) => [key, decoded(double ?? single ?? '')])),
      };
    }
  }
}

/** Where a test stands, by what its element says of it. */
export type FileOf = (attributes: Readonly<Record<string, string>>) => string;

/**
 * Reads the tests of a JUnit XML document; undefined when it is none or ends too early. `classname` and `name` make the name.
 * @see https://github.com/testmoapp/junitxml
 */
export const readJunit = (text: string, fileOf: FileOf): TestCase[] | undefined => {
  if (/<!DOCTYPE|<!ENTITY/i.test(text)) return undefined;
  const cases: TestCase[] = [];
  let open: TestCase | undefined;
  let inside = '';
  let depth = 0;
  let seen = false;
  for (const piece of piecesOf(text)) {
    if (piece.kind === 'text') {
      if (open && (inside === 'failure' || inside === 'error') && open.message === '') open.message = piece.text.trim();
      continue;
    }
    if (piece.kind === 'open') depth += 1;
    if (piece.kind === 'close') depth -= 1;
    if (piece.name === 'testsuites' || piece.name === 'testsuite') seen = true;
    if (piece.kind === 'close') {
      if (piece.name === 'testcase') open = undefined;
      inside = '';
    } else if (piece.name === 'testcase') {
      const made = caseOf(piece.attributes, fileOf);
      cases.push(made);
      if (piece.kind === 'open') open = made;
    } else if (open) {
      inside = piece.kind === 'open' ? piece.name : '';
      judge(open, piece.name, piece.attributes);
    }
  }
  return seen && depth === 0 ? cases.map(tidy) : undefined;
};

const caseOf = (attributes: Record<string, string>, fileOf: FileOf): TestCase => {
  const around = attributes['classname'] ?? '';
  const name = attributes['name'] ?? '';
  const ms = Number(attributes['time'] ?? 0) * 1_000;
  return {
    name: around === '' ? name : `${around} > ${name}`,
    file: fileOf(attributes),
    state: 'passed',
    message: '',
    ms: ms || 0,
  };
};

const judge = (open: TestCase, element: string, attributes: Record<string, string>): void => {
  if (element === 'failure' || element === 'error') {
    open.state = 'failed';
    open.message = attributes['message'] ?? '';
  } else if (element === 'skipped' && open.state === 'passed') {
    open.state = 'skipped';
    open.message = attributes['message'] ?? '';
  }
};

const tidy = ({ message, ...rest }: TestCase): TestCase =>
  message === undefined || message === '' ? rest : { ...rest, message };
