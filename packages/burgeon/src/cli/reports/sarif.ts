import type { Diagnostic, JsonObject } from '@burgeon/kit';
import type { CheckVerdict } from '../../pipeline/check.ts';
import { version } from '../../base/version.ts';

/** The findings about one module. */
export interface Judged {
  /** `namespace/name@version`, or the folder. */
  id: string;
  checks: readonly CheckVerdict[];
  /** Folder of the module from where the report is read: `modules/shop/`; empty when it is the module's own. */
  folder?: string;
  /** The API description that the module was made of: then findings stand in that file. */
  document?: string;
}

const levels = { error: 'error', warning: 'warning', info: 'note' } as const;

/** The findings as a SARIF log, one run for each module. @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html */
export const sarif = (...judged: readonly Judged[]): JsonObject => ({
  $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
  version: '2.1.0',
  runs: judged.map(runOf),
});

const runOf = ({ id, checks, folder = '', document }: Judged): JsonObject => {
  const found = checks.flatMap(({ name, diagnostics }) => diagnostics.map((each) => ({ rule: `${name}/${each.code}`, each })));
  const first = new Map(found.toReversed().map(({ rule, each }) => [rule, each]));
  const rules = [...new Set(found.map(({ rule }) => rule))];
  return {
    tool: {
      driver: {
        name: 'burgeon',
        semanticVersion: version,
        rules: rules.map((rule) => ruleOf(rule, first.get(rule))),
      },
    },
    automationDetails: { id: `burgeon/${id}` },
    invocations: [{ executionSuccessful: checks.every(({ diagnostics }) => !diagnostics.some(isBroken)) }],
    columnKind: 'utf16CodeUnits',
    properties: { module: id },
    results: found.map(({ rule, each }) => resultOf({ rule, index: rules.indexOf(rule), folder, document }, each)),
  };
};

/** A check that could not come to its end has judged nothing. */
const isBroken = ({ code }: Diagnostic): boolean => code === 'check-broken' || code === 'check-killed';

/** What stands beside the rules of the table of dangerous code. */
const wordsOf = (code: string): string => (/^BP-\d+$/.test(code) ? `dangerous code ${code}` : code.replaceAll('-', ' '));

const ruleOf = (rule: string, example: Diagnostic | undefined): JsonObject => {
  const [check = '', code = ''] = rule.split('/');
  const words = wordsOf(code);
  const hint = example?.hint ?? `A finding of the check "${check}". The checks are described in docs/adapters.md.`;
  return {
    id: rule,
    name: words.replaceAll(/(?:^|\s)(\w)/g, (_, letter: string) => letter.toUpperCase()).replaceAll(/\W/g, ''),
    shortDescription: { text: `${check}: ${words}` },
    help: { text: hint },
    defaultConfiguration: { level: levels[example?.severity ?? 'warning'] },
  };
};

const resultOf = (
  { rule, index, folder, document }: { rule: string; index: number; folder: string; document: string | undefined },
  { severity, message, path, position, hint }: Diagnostic,
): JsonObject => {
  const { file, line, column, inside } = placeOf(path, position);
  const region =
    line === undefined || document !== undefined
      ? {}
      : { region: { startLine: Math.max(1, line), ...(column === undefined ? {} : { startColumn: Math.max(1, column) }) } };
  return {
    ruleId: rule,
    ruleIndex: index,
    level: levels[severity],
    message: { text: hint === undefined ? message : `${message} ${hint}` },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: encodeURI(document ?? folder + file), uriBaseId: '%SRCROOT%' }, ...region },
        ...(inside || document !== undefined ? { logicalLocations: [{ fullyQualifiedName: path || '/' }] } : {}),
      },
    ],
  };
};

/** Where a finding stands: `file:line:column`, or a place inside the manifest or the interface. */
export const placeOf = (
  path: string,
  position: Diagnostic['position'],
): { file: string; line?: number; column?: number; inside: boolean } => {
  const place = /^([^:#]+\.\w+):(\d+)(?::(\d+))?$/.exec(path);
  if (place) return { file: place[1] ?? '', line: Number(place[2]), column: Number(place[3] ?? 1), inside: false };
  const file = path.startsWith('/manifest') ? 'plugin.json' : /^[^/:#][^:#]*\.\w+$/.test(path) ? path : 'interface.json';
  return { file, ...position, inside: true };
};
