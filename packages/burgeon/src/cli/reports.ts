import type { Diagnostic, JsonObject } from '@burgeon/kit';
import type { CheckVerdict } from '../pipeline/check.ts';
import { version } from '../base/version.ts';

const levels = { error: 'error', warning: 'warning', info: 'note' } as const;

/** The findings as a SARIF log. @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html */
export const sarif = (id: string, checks: readonly CheckVerdict[]): JsonObject => {
  const codes = [...new Set(checks.flatMap(({ name, diagnostics }) => diagnostics.map(({ code }) => `${name}/${code}`)))];
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'burgeon', semanticVersion: version, rules: codes.map((code) => ({ id: code })) } },
        properties: { module: id },
        results: checks.flatMap(({ name, diagnostics }) => diagnostics.map((each) => resultOf(name, each))),
      },
    ],
  };
};

const resultOf = (check: string, { code, severity, message, path, position }: Diagnostic): JsonObject => {
  const file = /^([^:#]+\.\w+):(\d+)(?::(\d+))?$/.exec(path);
  const [uri, line, column] = file
    ? [file[1] ?? '', Number(file[2]), Number(file[3] ?? 1)]
    : ['interface.json', position?.line, position?.column];
  const region =
    line === undefined
      ? {}
      : { region: { startLine: Math.max(1, line), ...(column === undefined ? {} : { startColumn: Math.max(1, column) }) } };
  return {
    ruleId: `${check}/${code}`,
    level: levels[severity],
    message: { text: message },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri }, ...region },
        ...(file ? {} : { logicalLocations: [{ fullyQualifiedName: path || '/' }] }),
      },
    ],
  };
};

/** The findings as JUnit XML: one case for each check, a failure where it found an error. */
export const junit = (id: string, checks: readonly CheckVerdict[]): string => {
  const cases = checks.map(({ name, ok, diagnostics, elapsedMs }) => {
    const lines = diagnostics.map((each) => `${each.severity} ${each.code} ${each.path}: ${each.message}`).join('\n');
    const inner = ok
      ? lines === ''
        ? ''
        : `<system-out>${xml(lines)}</system-out>`
      : `<failure message="${xml(diagnostics.find(({ severity }) => severity === 'error')?.message ?? '')}">${xml(lines)}</failure>`;
    return `    <testcase classname="${xml(id)}" name="${xml(name)}" time="${(elapsedMs / 1_000).toFixed(3)}">${inner}</testcase>`;
  });
  const failed = checks.filter(({ ok }) => !ok).length;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites><testsuite name="${xml(id)}" tests="${checks.length}" failures="${failed}">`,
    ...cases,
    '</testsuite></testsuites>',
  ].join('\n');
};

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** Text for XML 1.0: what it cannot hold is taken out, not escaped, because no escape of it is legal. */
const xml = (text: string): string =>
  text.replace(/(?![\t\n\r])[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, '').replace(/[&<>"']/g, (sign) => entities[sign] ?? '');
