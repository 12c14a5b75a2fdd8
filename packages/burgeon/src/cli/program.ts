import { Command as Commander } from 'commander';
import { commandLineOf, globalOptions, type Command } from './command.ts';
import type { Streams } from './terminal.ts';
import { version } from '../base/version.ts';

/** What a command does when its line was understood. */
export type Act = (command: Command, line: { words: string[]; options: Record<string, unknown> }) => Promise<void>;

/** The whole command line as commander sees it; it throws CommanderError instead of leaving the process. */
export const buildProgram = (commands: readonly Command[], streams: Streams, act: Act): Commander => {
  const program = polite(new Commander('burgeon'), streams)
    .description('Point at anything with an interface and call it a minute later.')
    .usage('<command> [options]')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .commandsGroup('About this machine:')
    .addHelpText('after', '\nStart here:\n  $ burgeon add ./openapi.yaml\n  $ burgeon <command> --help\n');
  for (const [flags, description] of globalOptions) program.option(flags, description);
  for (const command of commands) addCommand(program, command, { streams, act });
  return program;
};

const polite = (command: Commander, streams: Streams): Commander =>
  command
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void streams.stdout.write(text),
      // Errors are told by whoever catches them.
      writeErr: () => {},
      outputError: () => {},
    })
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false, subcommandTerm: (each) => termOf(each) });

const termOf = (command: Commander): string =>
  [command.name(), ...command.registeredArguments.map((each) => (each.required ? `<${each.name()}>` : `[${each.name()}]`))].join(
    ' ',
  );

const addCommand = (program: Commander, command: Command, { streams, act }: { streams: Streams; act: Act }): void => {
  const { names, parameters } = commandLineOf(command.usage);
  let at = program;
  for (const name of names) {
    const known = at.commands.find((each) => each.name() === name);
    at = known ?? addName(at, name, { group: command.group, streams });
  }
  at.description(command.summary).allowUnknownOption(command.fields === true);
  for (const parameter of parameters) at.argument(parameter);
  for (const [flags, description] of command.options ?? []) at.option(flags, description);
  if (command.examples)
    at.addHelpText('after', `\nExamples:\n${command.examples.map((each) => `  $ ${example(each)}`).join('\n')}\n`);
  at.action(() => {
    const options = at.optsWithGlobals<Record<string, unknown>>();
    return act(command, { words: at.processedArgs.flat().filter((word) => typeof word === 'string'), options });
  });
};

const addName = (parent: Commander, name: string, { group, streams }: { group: string; streams: Streams }): Commander => {
  if (parent.parent === null)
    return polite(parent.command(name), streams).helpGroup(group).helpOption('-h, --help', 'print help').helpCommand(false);
  const before = parent.description();
  // A name that is no command itself is described by those below it; one that is tells of them behind what it does.
  const goesOn = /^[a-z-]+(, [a-z-]+)*$|; also /.test(before);
  parent.description(before === '' ? name : `${before}${goesOn ? ', ' : '; also '}${name}`);
  return polite(parent.command(name), streams).helpOption('-h, --help', 'print help');
};

const example = (text: string): string => (text.includes('burgeon ') ? text : `burgeon ${text}`);
