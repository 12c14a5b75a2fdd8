/** What probes found, as rows that people can read. */

/** One probe: what was expected and what came. */
export interface ProbeRow {
  probe: string;
  what: string;
  expected: string;
  got: string;
  ok: boolean;
}

/** The rows as a table. */
export const tableText = (rows: readonly ProbeRow[]): string => {
  const line = ({ probe, what, expected, got, ok }: ProbeRow): string =>
    `${ok ? ' ' : '!'} ${probe.padEnd(4)} ${what.padEnd(58)} ${expected.padEnd(34)} ${got}`;
  const head: ProbeRow = { probe: '', what: 'probe', expected: 'expected', got: 'got', ok: true };
  const sorted = [...rows].sort((a, b) => a.probe.localeCompare(b.probe));
  return `\n${[head, ...sorted].map(line).join('\n')}\n\n`;
};

/** How often each of these came, the most frequent first. */
export const counted = (all: readonly string[]): string => {
  const counts = new Map<string, number>();
  for (const each of all) counts.set(each, (counts.get(each) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([each, count]) => `${each} ${count}`)
    .join(', ');
};
