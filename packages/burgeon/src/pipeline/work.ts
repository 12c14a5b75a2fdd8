import { BurgeonError, type Candidate, type Interface, type Manifest, type SourceInput } from '@burgeon/kit';
import { checks } from '../adapters/checks/index.ts';
import { hosts } from '../adapters/hosts/index.ts';
import { protocols } from '../adapters/protocols/index.ts';
import { sources } from '../adapters/sources/index.ts';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import { interfacePath } from '../security/bundle.ts';
import { createEgress } from '../security/egress.ts';
import { check, type CheckOptions, type CheckVerdict, stampsOf } from './check.ts';
import { finish } from './finish.ts';
import type { DocumentContent, PointedDocument } from './pointed.ts';
import { recognise } from './recognise.ts';
import { summary } from './trial-result.ts';
import { trial, type TrialContext } from './try.ts';
import type { Job, Judgement, ReadJob, Workbench } from './workbench.ts';

/** Text of a document: UTF-8, or UTF-16 when the byte order mark says so. */
const textOf = (content: DocumentContent): string => {
  if (typeof content === 'string') return content;
  const encoding =
    content[0] === 0xff && content[1] === 0xfe ? 'utf-16le' : content[0] === 0xfe && content[1] === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(content);
};

/** Reads one document: decodes it, finds its source, reads and finishes it. */
export const read = async (job: ReadJob): Promise<Interface> => {
  const { content, ...found } = job.document;
  const input: SourceInput & Pick<PointedDocument, 'inside'> = { ...found, text: textOf(content) };
  const source = await recognise(sources, input, job.as);
  const description = await source.read(input, {
    budget: job.budget,
    clock: systemClock,
    log: silentLogger,
    signal: new AbortController().signal,
    document: async (location) => {
      const allowed = Object.hasOwn(job.documents, location) ? job.documents[location] : undefined;
      if (allowed !== undefined) return textOf(allowed);
      throw new BurgeonError('SOURCE_FORBIDDEN', {
        message: `${location} was not allowed to be read.`,
        hint: `Allow it: --allow-ref ${location}`,
      });
    },
  });
  return finish(description, input, job.wishes);
};

const trialContext: TrialContext = {
  protocols,
  hosts,
  clock: systemClock,
  log: silentLogger,
  egressTo: (allowed) =>
    createEgress({ allow: allowed.map((host) => ({ host, private: true })), clock: systemClock, log: silentLogger }),
};

/** What the verdict of each check depends on beside the candidate. */
export const stamps = (manifest: Manifest, options: CheckOptions): Promise<Record<string, string>> =>
  stampsOf(checks, manifest, options);

/** Judges one candidate by what lies in its bundle. */
export const judge = async (
  { candidate: posted, parts, options }: Omit<Job & { kind: 'judge' }, 'kind'>,
  checked: (verdicts: CheckVerdict[]) => void,
): Promise<Judgement> => {
  const text = posted.files.find(({ path }) => path === interfacePath)?.text ?? 'null';
  const candidate: Candidate = { ...posted, interface: JSON.parse(text) as Interface };
  const verdicts = parts.includes('check') ? await check(checks, candidate, options) : [];
  checked(verdicts);
  if (!parts.includes('try') || verdicts.some((verdict) => !verdict.ok)) return { checks: verdicts, trial: summary([]) };
  return { checks: verdicts, trial: await trial(trialContext, candidate) };
};

/** The workbench on the calling thread: for embedders that own their threads. Nothing ends a job here but itself. */
export const localWorkbench = (options: Pick<CheckOptions, 'advisories'> = {}): Workbench => ({
  read,
  stamps: (manifest) => stamps(manifest, options),
  judge: (candidate, parts, checked, known = []) =>
    judge({ candidate, parts, options: { ...options, known } }, checked ?? (() => {})),
  close: async () => {},
});
