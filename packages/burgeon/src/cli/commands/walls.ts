import type { JsonValue } from '@burgeon/kit';
import type { Verdict } from '../../isolation/prove.ts';
import { type WallsReport, wallsHere } from '../../walls/jail/choose.ts';
import type { Wall } from '../../walls/jail/jail.ts';
import type { AttackReport } from '../attack-report.ts';
import { type Action, type Invocation, flag, textOption } from '../command.ts';
import { bold, count, dim, green, red, table, yellow } from '../text.ts';

const descriptions: Record<Wall, string> = {
  namespaces: 'namespaces of its own',
  files: 'no files but its own',
  network: 'no network',
  'system-calls': 'no system calls that it does not need',
  memory: 'memory held by the kernel',
  processes: 'processes and threads held by the kernel',
  permission: 'permission model of Node',
};

/**
 * `modules test-isolation`: attacks every host with every hostile program there is, then says what stands around modules on this machine.
 * Ends with 1 when anything got out, or when nothing stands there.
 */
export const testIsolation: Action = async (invocation) => {
  const { terminal } = invocation;
  const found = await wallsHere();
  const attacked = flag(invocation, 'walls') ? undefined : await attack(invocation);
  const ok = found.walls.length > 0 && (attacked?.ok ?? true);
  terminal.result({ ...attacked, ...found, ok } as unknown as JsonValue, () =>
    [...(attacked ? [attackText(attacked), ''] : []), wallText(found)].join('\n'),
  );
  return ok ? 0 : 1;
};

const attack = async (invocation: Invocation): Promise<AttackReport> => {
  const { terminal, signal } = invocation;
  const [{ attackHosts }, { attackable }] = await Promise.all([import('../attack-report.ts'), import('../attacks.ts')]);
  const wanted = textOption(invocation, 'host');
  const begun = new Map<string, number>();
  const report = await attackHosts(
    wanted === undefined ? attackable : [wanted],
    ({ host, title, number }, done, of) => {
      const now = performance.now();
      if (!begun.has(host)) begun.set(host, now);
      const elapsedMs = Math.round(now - (begun.get(host) ?? now));
      const [state, message] = done < of ? ['start', `${number} ${title}`] : ['end', `${of} attacks`];
      terminal.progress({ stage: host, state, message, elapsedMs });
    },
    signal,
  );
  terminal.settle();
  return report;
};

const paint = ({ verdict }: Verdict): string => {
  if (verdict === 'contained') return green(verdict);
  return verdict === 'not-applicable' ? dim('-') : red(verdict.toUpperCase());
};

const attackText = ({ hosts, cases, figures, ok }: AttackReport): string => {
  const names = hosts.flatMap(({ name, missing }) => (missing === undefined ? [name] : []));
  const numbers = [...new Set(cases.map(({ number }) => number))];
  const rows = numbers.map((number) => {
    const all = names.map((name) => cases.find((each) => each.number === number && each.host === name));
    return [String(number), ...all.map((each) => (each ? paint(each) : '')), all[0]?.title ?? ''];
  });
  const bad = cases.filter(({ verdict }) => verdict !== 'contained' && verdict !== 'not-applicable');
  const sum = count(figures.programs, 'hostile program');
  return [
    bold('Attacks'),
    table(rows, { head: ['', ...names, 'attack'] }),
    '',
    ...hosts.flatMap(({ name, missing }) => (missing === undefined ? [] : [yellow(`${name} was not attacked: ${missing}`)])),
    ...bad.map(({ host, number, title, detail }) => `${red(`${host}, ${number} ${title}`)}: ${detail}`),
    ok ? `${green('Everything was contained')}: ${sum}.` : `${red(`${bad.length} not contained`)}: ${sum}.`,
    dim(
      `Innocent modules beside them answered ${figures.neighbourCalls} calls. The control plane was late by ${figures.stallP99Ms} ms ` +
        `(p99), at worst ${figures.stallMs} ms; a limit was passed by ${figures.overMs} ms at most.`,
    ),
  ].join('\n');
};

const wallText = (found: WallsReport): string => {
  const sign = (holds: boolean): string => (holds ? green('\u2713') : yellow('\u2022'));
  return [
    bold('Modules that are data'),
    table([
      [green('\u2713'), 'no code of their own runs'],
      [green('\u2713'), 'one egress gate with its host list'],
      [green('\u2713'), 'secrets stay in the host'],
    ]),
    bold('Modules that are code'),
    table([
      [sign(found.driver !== 'permission'), 'jail', found.driver],
      ...(Object.keys(descriptions) as Wall[]).map((wall) => [sign(found.walls.includes(wall)), descriptions[wall], '']),
    ]),
    dim(found.text),
  ].join('\n');
};
