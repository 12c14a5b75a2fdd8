import type { Diagnostic } from '@burgeon/kit';

/** One instruction of a Dockerfile; `rest` with its continuation lines joined. */
interface Instruction {
  line: number;
  name: string;
  rest: string;
}

/** One stage: what comes after its FROM. */
interface Stage {
  from: Instruction;
  /** Name or number of the stage, or image, that it begins with. */
  base: string;
  instructions: Instruction[];
}

const known: ReadonlySet<string> = new Set(
  'ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR'.split(' '),
);

const wantedLabels = ['org.opencontainers.image.title', 'org.opencontainers.image.version'] as const;

const secretName = /(?:^|[\s_])\w*(?:PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIAL|API_?KEY|PRIVATE_?KEY)\w*(?:[\s=]|$)/i;

const finding = ({ line }: Pick<Instruction, 'line'>, code: string, message: string): Diagnostic => ({
  severity: 'error',
  code,
  message,
  path: `Dockerfile:${line}:1`,
  from: 'dockerfile',
});

/** Instructions in order; comments and empty lines are passed over, also between the lines of one instruction. */
const instructionsOf = (text: string): Instruction[] => {
  const found: Instruction[] = [];
  let open: { line: number; text: string } | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const goesOn = /\\\s*$/.test(line);
    const piece = line.replace(/\\\s*$/, '').trim();
    open = open ? { line: open.line, text: `${open.text} ${piece}` } : { line: index + 1, text: piece };
    if (goesOn) continue;
    const [, name = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(open.text) ?? [];
    found.push({ line: open.line, name: name.toUpperCase(), rest });
    open = undefined;
  }
  return found;
};

const argumentDefaults = (instructions: readonly Instruction[]): Map<string, string> =>
  new Map(
    instructions
      .filter(({ name }) => name === 'ARG')
      .map(({ rest }) => {
        const [key = '', value = ''] = rest.split('=', 2);
        return [key, value.replaceAll('"', '')];
      }),
  );

const stagesOf = (instructions: readonly Instruction[]): Stage[] => {
  const first = instructions.findIndex(({ name }) => name === 'FROM');
  const defaults = argumentDefaults(instructions.slice(0, Math.max(first, 0)));
  const stages: Stage[] = [];
  for (const each of instructions) {
    if (each.name !== 'FROM') {
      stages.at(-1)?.instructions.push(each);
      continue;
    }
    const image = each.rest.split(/\s+/).find((word) => !word.startsWith('--')) ?? '';
    const base = image.replaceAll(/\$\{?(\w+)\}?/g, (_, name: string) => defaults.get(name) ?? '');
    stages.push({ from: each, base, instructions: [] });
  }
  return stages;
};

const isPinned = (base: string): boolean => /@sha256:[0-9a-f]{64}$/.test(base) || /:(?!latest$)[\w][\w.-]*$/.test(base);

const isList = (rest: string): boolean => {
  try {
    const value: unknown = JSON.parse(rest);
    return Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string');
  } catch {
    return false;
  }
};

const judgeInstruction = (each: Instruction): Diagnostic[] => {
  const { name, rest } = each;
  if (!known.has(name)) return [finding(each, 'instruction-unknown', `There is no instruction ${name}.`)];
  const found: Diagnostic[] = [];
  if (['RUN', 'CMD', 'ENTRYPOINT', 'SHELL'].includes(name) && !isList(rest.replace(/^(?:--\S+\s+)*/, '')))
    found.push(finding(each, 'shell-form', `${name} goes through a shell: write it as a list.`));
  if (name === 'ADD') found.push(finding(each, 'add-used', 'ADD unpacks and downloads: use COPY.'));
  if (name === 'COPY' && !/(?:^|\s)--chmod=0?[0-7]{3}\s/.test(rest))
    found.push(finding(each, 'mode-missing', 'COPY takes modes over from outside: name them with --chmod.'));
  if ((name === 'ENV' || name === 'ARG') && secretName.test(rest))
    found.push(finding(each, 'secret-inside', `${name} puts what looks like a secret into the image.`));
  if (name === 'HEALTHCHECK' && rest.trim() !== 'NONE')
    found.push(finding(each, 'health-probe', 'A module is watched by Burgeon: write HEALTHCHECK NONE.'));
  return found;
};

const judgeStage = ({ from, base, instructions }: Stage, earlier: ReadonlySet<string>): Diagnostic[] => {
  const found: Diagnostic[] = [];
  if (base !== 'scratch' && !earlier.has(base.toLowerCase()) && !isPinned(base))
    found.push(finding(from, 'base-unpinned', `"${base}" may be another image tomorrow: name a version or a digest.`));
  const last = (name: string): Instruction | undefined => instructions.findLast((each) => each.name === name);
  const [user = ''] = last('USER')?.rest.split(':') ?? [];
  if (user === '' || user === 'root' || Number(user) === 0)
    found.push(finding(last('USER') ?? from, 'user-root', 'The program would be root: name another user.'));
  if (!last('HEALTHCHECK'))
    found.push(finding(from, 'health-probe', 'The base may bring a probe along: write HEALTHCHECK NONE.'));
  const labels = instructions.filter(({ name }) => name === 'LABEL').map(({ rest }) => rest);
  for (const label of wantedLabels)
    if (!labels.some((rest) => rest.includes(`${label}=`)))
      found.push(finding(from, 'label-missing', `The label ${label} is missing.`));
  return found;
};

/**
 * Judges a Dockerfile by what an image of a module must keep: a pinned base, a user without rights, no shell, named modes, labels, no secret, no
 * probe. Each stage can be an image, so each is judged.
 */
export const lintDockerfile = (text: string): Diagnostic[] => {
  const instructions = instructionsOf(text);
  const stages = stagesOf(instructions);
  if (stages.length === 0) return [finding({ line: 1 }, 'base-missing', 'There is no FROM.')];
  const earlier = new Set<string>();
  const found = instructions.flatMap(judgeInstruction);
  for (const stage of stages) {
    found.push(...judgeStage(stage, earlier));
    const [, name] = /\bAS\s+(\S+)$/i.exec(stage.from.rest) ?? [];
    if (name !== undefined) earlier.add(name.toLowerCase());
  }
  return found;
};
