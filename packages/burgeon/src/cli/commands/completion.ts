import { commandLineOf, globalOptions, type Action, type Command } from '../command.ts';
import { usage } from '../fault.ts';

/** A command as a shell completes it. */
interface Entry {
  words: string[];
  summary: string;
  options: string[];
}

/** `completion SHELL`: prints a script that completes commands and options. It asks Burgeon nothing while you type. */
export const completion: Action = async ({ terminal, words, commands }) => {
  const shell = words[0] ?? '';
  const write = Object.hasOwn(shells, shell) ? shells[shell] : undefined;
  if (!write) throw usage(`There is no completion for "${shell}".`, `Shells: ${Object.keys(shells).join(', ')}`);
  const script = write(entries(commands));
  terminal.result({ shell, script }, () => script);
};

const longFlag = (flags: string): string => flags.split(/[ ,]/).find((part) => part.startsWith('--')) ?? '';

const globalFlags = [...globalOptions.map(([flags]) => longFlag(flags)), '--help'];

const entries = (commands: readonly Command[]): Entry[] =>
  commands.map(({ usage: text, summary, options = [] }) => ({
    words: commandLineOf(text).names,
    summary,
    options: options.map(([flags]) => longFlag(flags)),
  }));

const topWords = (all: Entry[]): string[] => [...new Set(all.map(({ words }) => words[0] ?? ''))];

const bash = (all: Entry[]): string => {
  const cases = topWords(all).map((top) => {
    const own = all.filter(({ words }) => words[0] === top);
    const next = [...new Set(own.flatMap(({ words, options }) => [...words.slice(1), ...options]))];
    return `    ${top}) words="${[...next, ...globalFlags].join(' ')}" ;;`;
  });
  return `_burgeon() {
  local word="\${COMP_WORDS[COMP_CWORD]}" words
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    *) words="${[...topWords(all), ...globalFlags].join(' ')}" ;;
  esac
  if [ "$COMP_CWORD" = 1 ]; then words="${[...topWords(all), '--help', '--version'].join(' ')}"; fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _burgeon burgeon`;
};

const zsh = (all: Entry[]): string => {
  const tops = topWords(all).map((top) => `    '${top}:${quoteless(all.find(({ words }) => words[0] === top)?.summary ?? '')}'`);
  const cases = topWords(all).map((top) => {
    const own = all.filter(({ words }) => words[0] === top);
    const next = [...new Set(own.flatMap(({ words, options }) => [...words.slice(1), ...options]))];
    return `    ${top}) compadd -- ${[...next, ...globalFlags].join(' ')} ;;`;
  });
  return `#compdef burgeon
_burgeon() {
  local -a commands
  commands=(
${tops.join('\n')}
  )
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  case "\${words[2]}" in
${cases.join('\n')}
  esac
  _files
}
compdef _burgeon burgeon`;
};

const fish = (all: Entry[]): string => {
  const lines = ['complete -c burgeon -f'];
  for (const top of topWords(all)) {
    const own = all.filter(({ words }) => words[0] === top);
    lines.push(`complete -c burgeon -n __fish_use_subcommand -a ${top} -d '${quoteless(own[0]?.summary ?? '')}'`);
    for (const { words, summary } of own)
      if (words[1] !== undefined)
        lines.push(`complete -c burgeon -n '__fish_seen_subcommand_from ${top}' -a ${words[1]} -d '${quoteless(summary)}'`);
    for (const option of new Set(own.flatMap(({ options }) => options)))
      lines.push(`complete -c burgeon -n '__fish_seen_subcommand_from ${top}' -l ${option.slice(2)}`);
    lines.push(`complete -c burgeon -n '__fish_seen_subcommand_from ${top}' -F`);
  }
  for (const option of globalFlags) lines.push(`complete -c burgeon -l ${option.slice(2)}`);
  return lines.join('\n');
};

const quoteless = (text: string): string => text.replaceAll("'", '').replaceAll(':', ' -');

const shells: Record<string, (all: Entry[]) => string> = { bash, zsh, fish };
