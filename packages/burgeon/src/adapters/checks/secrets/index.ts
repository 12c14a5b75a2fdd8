import { type BundleFile, type Candidate, type Check, type Diagnostic, defineCheck, manifestExtension } from '@burgeon/kit';
import { isBinary } from '../../../base/binary-file.ts';
import { isGenerated, manifestPath } from '../../../security/bundle.ts';
import { encodedIn, splitIn } from './encoded.ts';
import type { FoundSecret } from './found.ts';
import { namedIn } from './named.ts';
import { shapesIn } from './shapes.ts';
import { shownOnly } from './shown.ts';
import { vendorsIn } from './vendors.ts';

/** Findings of one file that are told. */
const mostFindings = 50;

/** A secret this long may show its first characters, by which its owner finds it. */
const [longEnough, shown] = [20, 4];

const secretsIn = async ({ path, text }: BundleFile, isWritten: boolean): Promise<FoundSecret[]> => {
  if (isBinary(path)) return shapesIn(Buffer.from(text, 'base64').toString('latin1'));
  const known = [...shapesIn(text), ...(await vendorsIn(text)), ...encodedIn(text)];
  return isWritten ? [...known, ...splitIn(text), ...namedIn(path, text)] : known;
};

/** One secret is found once, whoever else found a part of it. */
const distinct = (found: readonly FoundSecret[]): FoundSecret[] => {
  const kept: FoundSecret[] = [];
  for (const each of found) {
    const overlaps = kept.some(
      ({ offset, value }) => each.offset < offset + value.length && offset < each.offset + each.value.length,
    );
    if (!overlaps) kept.push(each);
  }
  return kept.toSorted((a, b) => a.offset - b.offset).slice(0, mostFindings);
};

const placeOf = (text: string, offset: number): { line: number; column: number } => {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
};

const tell = (
  { path, text }: BundleFile,
  { code, what, value, offset }: FoundSecret,
  severity: Diagnostic['severity'],
): Diagnostic => {
  const position = isBinary(path) ? { line: 1, column: 1 } : placeOf(text, offset);
  const beginning = value.length >= longEnough && code !== 'secret-password' ? `begins with "${value.slice(0, shown)}", ` : '';
  return {
    severity,
    code,
    message: `There is ${what} (${beginning}${value.length} characters).`,
    path: `${path}:${position.line}:${position.column}`,
    position,
    from: 'secrets',
    hint: 'Take it out and have it replaced where it was given out; keep the new one in the vault: burgeon secret set.',
  };
};

const run = async (candidate: Candidate): Promise<Diagnostic[]> => {
  const { kind } = candidate.manifest.extensions[manifestExtension];
  const found: Diagnostic[] = [];
  // What a service shows everybody in its own description is no secret of whoever calls it.
  const isShown = kind === 'data' ? shownOnly(candidate.interface) : (): boolean => false;
  for (const file of candidate.files) {
    // A description is full of made-up keys, in examples that its author shows to everybody: there only what has the shape of a real one counts.
    const isWritten = kind === 'code' && (!isGenerated(file.path) || file.path === manifestPath);
    for (const each of distinct(await secretsIn(file, isWritten)))
      found.push(tell(file, each, isShown(each.value) ? 'warning' : 'error'));
  }
  return found;
};

/** The check of secrets: none may stand in any file of a bundle, in the clear, in pieces or encoded. What is told never holds it. */
export const secrets: Check = defineCheck({ name: 'secrets', run });
