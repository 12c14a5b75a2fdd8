import { type Candidate, type Check, type CheckContext, type Diagnostic, type JsonObject, defineCheck } from '@burgeon/kit';
import { type PackageVersion, fixesOf, packageName } from '../../../security/advisories/affects.ts';
import { type AdvisoryData, readAdvisories } from '../../../security/advisories/data.ts';
import { spellUnseen } from '../../../base/unseen.ts';
import type { Declarations, Declared } from './declared.ts';
import { npmDeclarations } from './npm.ts';
import { pythonDeclarations } from './python.ts';

/** Findings of one candidate that are told. */
const mostFindings = 500;

const finding = (severity: Diagnostic['severity'], code: string, at: string, message: string): Diagnostic => {
  const [, line, column] = /:(\d+):(\d+)$/.exec(at) ?? [];
  return {
    severity,
    code,
    message,
    path: at,
    from: 'dependencies',
    ...(line === undefined ? {} : { position: { line: Number(line), column: Number(column) } }),
  };
};

/** A finding about vulnerabilities, with the verdict for programs. */
const verdict = (found: Diagnostic, data: JsonObject & { verdict: 'clean' | 'vulnerable' | 'not-checked' }): Diagnostic => ({
  ...found,
  data,
});

const run = async (candidate: Candidate, context: CheckContext): Promise<Diagnostic[]> => {
  const declarations = [npmDeclarations(candidate.files), pythonDeclarations(candidate.files)];
  const form = declarations.flatMap((each) => [
    ...each.faults.map(({ code, at, message }) => finding('error', code, at, message)),
    ...each.needed.flatMap((needed) => judgeBytes(needed, each.vendored)),
    ...each.vendored.flatMap((vendored) => judgeVendored(vendored, each.needed)),
  ]);
  const exact = declarations.flatMap(({ needed }) => needed.flatMap(exactOf));
  const verdicts = exact.length === 0 ? [] : await judgeAgainst(context.advisories, exact);
  return [...form, ...verdicts].slice(0, mostFindings);
};

type Exact = PackageVersion & Pick<Declared, 'at'>;

const exactOf = ({ ecosystem, name, version, at }: Declared): Exact[] =>
  version === undefined ? [] : [{ ecosystem, name, version, at }];

/** Nothing is fetched when a module is loaded, so what it needs lies in its bundle, and its bytes are the ones that were chosen. */
const judgeBytes = ({ ecosystem, name, version, at, integrity }: Declared, vendored: Declarations['vendored']): Diagnostic[] => {
  const own = vendored.find((each) => packageName(ecosystem, each.name) === name);
  const shown = `"${name.slice(0, 100)}"`;
  if (!own)
    return [
      finding('error', 'dependency-not-vendored', at, `${shown} is not in the bundle: nothing is installed when a module runs.`),
    ];
  return [
    ...(integrity ? [] : [finding('error', 'dependency-unbound', at, `No digest says which bytes of ${shown} are meant.`)]),
    ...(own.version !== undefined && version !== undefined && own.version !== version
      ? [
          finding(
            'error',
            'dependency-differs',
            own.at,
            `${shown} is ${own.version.slice(0, 50)} in the bundle, and ${version} was declared.`,
          ),
        ]
      : []),
  ];
};

const judgeVendored = ({ name, at }: Declarations['vendored'][number], needed: readonly Declared[]): Diagnostic[] =>
  needed.some((each) => each.name === packageName(each.ecosystem, name))
    ? []
    : [finding('error', 'dependency-undeclared', at, `The bundle brings "${name.slice(0, 100)}" along, which nothing declares.`)];

/** What the vulnerability data of the owner say. Where there are none it is said so: nothing is called clean that was not looked up. */
const judgeAgainst = async (path: string | undefined, all: readonly Exact[]): Promise<Diagnostic[]> => {
  const data = await readAdvisories(path);
  const unknown = all.filter(({ ecosystem }) => !data?.ecosystems.has(ecosystem));
  const looked = all.filter((each) => !unknown.includes(each));
  const vulnerable = data ? looked.flatMap((each) => vulnerabilities(each, data)) : [];
  return [
    ...vulnerable,
    ...(unknown.length === 0 ? [] : [notChecked(unknown, data)]),
    ...(data && looked.length > 0 && vulnerable.length === 0 ? [clean(looked, data)] : []),
  ];
};

const named = ({ ecosystem, name, version }: PackageVersion): string => `${ecosystem}:${name}@${version}`;

const countOf = ({ length }: readonly unknown[]): string => (length === 1 ? '1 dependency has' : `${length} dependencies have`);

const clean = (looked: readonly Exact[], { date }: AdvisoryData): Diagnostic =>
  verdict(finding('info', 'dependency-clean', '', `${countOf(looked)} no vulnerability by the data of ${date}.`), {
    verdict: 'clean',
    date,
    packages: looked.map(named),
  });

const notChecked = (unknown: readonly Exact[], data: AdvisoryData | undefined): Diagnostic => {
  const [first] = unknown;
  const why = data ? `the data of ${data.date} say nothing of ${first?.ecosystem ?? ''}` : 'there are no data';
  const message = `${countOf(unknown)} not been checked for vulnerabilities: ${why}.`;
  const date = data ? { date: data.date } : {};
  return {
    ...verdict(finding('warning', 'dependency-not-checked', first?.at ?? '', message), {
      verdict: 'not-checked',
      ...date,
      packages: unknown.map(named),
    }),
    hint: 'Take in records in the OSV format: burgeon advisories import FILE',
  };
};

const vulnerabilities = (each: Exact, data: AdvisoryData): Diagnostic[] =>
  data.about(each).map((advisory) => {
    const fixes = fixesOf(advisory, each);
    const what = advisory.summary === undefined ? '' : `: ${spellUnseen(advisory.summary.slice(0, 200))}`;
    const message = `${each.name} ${each.version} is vulnerable by ${advisory.id}${what}`;
    return {
      ...verdict(finding('error', 'dependency-vulnerable', each.at, message), {
        verdict: 'vulnerable',
        date: data.date,
        advisory: advisory.id,
        package: named(each),
      }),
      hint: fixes.length === 0 ? 'Do without it.' : `Take a version in which it is mended: ${fixes.slice(0, 5).join(', ')}.`,
    };
  });

/** Verdicts are remembered as long as the data are the same. */
const stamp = async ({ advisories }: Pick<CheckContext, 'advisories'>): Promise<string> =>
  (await readAdvisories(advisories))?.digest ?? 'none';

/**
 * The check of what a module brings along from others: nothing, unless it is declared in one version, bound to its bytes, in the bundle, and not known
 * to be vulnerable.
 */
export const dependencies: Check & { stamp: typeof stamp } = defineCheck({ name: 'dependencies', run, stamp });
