/** Attacks on the real hosts as tests: one test for each case of the list, and a table of all verdicts at the end. */
import { afterAll, describe, expect, it } from 'vitest';
import { BurgeonError } from '@burgeon/kit';
import { subjectNamed } from '../packages/burgeon/src/cli/attacks.ts';
import type { Attack, Group } from '../packages/burgeon/src/isolation/case.ts';
import { cases } from '../packages/burgeon/src/isolation/cases.ts';
import { type Proof, type Verdict, openProof } from '../packages/burgeon/src/isolation/prove.ts';
import type { Subject } from '../packages/burgeon/src/isolation/subject.ts';
import { attackWorld } from '../packages/burgeon/src/isolation/world.ts';

const probes = new Map<string, Promise<string | undefined>>();

const whyMissing = async (name: string): Promise<string | undefined> => {
  try {
    const subject = await subjectNamed(name);
    if (!subject) return 'this version has none of that name';
    await (await openProof(subject, attackWorld)).close();
    return undefined;
  } catch (error) {
    const { code, message } = BurgeonError.from(error);
    if (code === 'DEPENDENCY_MISSING' || code === 'UNSUPPORTED') return message;
    throw error;
  }
};

/**
 * True when a host cannot run a module on this machine, which is said loudly.
 * @throws {Error} when it cannot and `BURGEON_REQUIRE_SERVICES=1`, so that a gate never skips in silence
 */
export async function missingHost(name: string): Promise<boolean> {
  const probe = probes.get(name) ?? whyMissing(name);
  probes.set(name, probe);
  const why = await probe;
  if (why === undefined) return false;
  const message = `SKIPPED: the host ${name} is not attacked: ${why}`;
  if (process.env['BURGEON_REQUIRE_SERVICES'] === '1') throw new Error(message);
  process.stderr.write(`\n!!! ${message} !!!\n`);
  return true;
}

const attackMs = 120_000;

const tableOf = (name: string, verdicts: readonly Verdict[]): string => {
  const rows = verdicts.map(({ number, title, verdict, detail, programs, figures }) => {
    const { overMs, stallMs, peakBytes, neighbourSlowestMs } = figures;
    const cells = [`${number}`.padStart(2), verdict.padEnd(14), title.slice(0, 52).padEnd(52)];
    if (programs.length === 0) return `${cells.join(' ')} ${detail}`;
    const measured = `over ${overMs} ms, stall ${stallMs} ms, peak ${Math.round(peakBytes / 1e6)} MB, neighbour ${neighbourSlowestMs} ms`;
    return `${cells.join(' ')} ${`${programs.length}`.padStart(2)} programs; ${measured}; ${detail.slice(0, 100)}`;
  });
  const programs = verdicts.reduce((sum, each) => sum + each.programs.length, 0);
  return `\n${name}: ${verdicts.length} attacks, ${programs} hostile programs${every ? '' : ', the first of each (all with BURGEON_REQUIRE_SERVICES=1)'}, stall p99 ${Math.max(0, ...verdicts.map(({ figures }) => figures.stallP99Ms))} ms\n${rows.join('\n')}\n`;
};

/** Another form of a host, and the programs that are known to get further there. */
interface Variant {
  name: string;
  subject: Subject;
  known: readonly string[];
}

/** The gate runs every program; the inner loop the first of each case in each language, which keeps it short. */
const every = process.env['BURGEON_REQUIRE_SERVICES'] === '1';

const firstOfLanguage = ({ language }: Attack, at: number, all: readonly Attack[]): boolean =>
  every || all.findIndex((other) => other.language === language) === at;

/** Registers the attacks of some groups on a host, in one of its forms, as tests. */
export async function attackHost(name: string, groups: readonly Group[], variant?: Variant): Promise<void> {
  const chosen = cases
    .filter(({ group }) => groups.includes(group))
    .map((each) => ({
      ...each,
      attacks: each.attacks.filter((attack) => !variant?.known.includes(attack.name)).filter(firstOfLanguage),
    }));
  describe.skipIf(await missingHost(name))(variant?.name ?? name, () => {
    let proof: Promise<Proof> | undefined;
    const verdicts: Verdict[] = [];
    const opened = async (): Promise<Proof> => {
      const subject = variant?.subject ?? (await subjectNamed(name)) ?? expect.unreachable();
      return openProof(subject, attackWorld);
    };
    afterAll(async () => {
      process.stderr.write(tableOf(variant?.name ?? name, verdicts));
      await (await proof)?.close();
    });
    it.each(chosen)(
      '$number $title',
      async (each) => {
        const verdict = await (await (proof ??= opened())).attempt(each);
        verdicts.push(verdict);
        if (verdict.verdict === 'not-applicable') expect(verdict.detail).toMatch(/^\S+ \S+ .*\.$/);
        else expect(verdict).toMatchObject({ verdict: 'contained' });
      },
      attackMs,
    );
  });
}
