import type { Command } from './command.ts';
import { groups } from './groups.ts';

const coverage = ['--min-coverage <percent>', 'lines of code that must be run; none unless said'] as const;

/** Commands that check and test. */
export const judging: readonly Command[] = [
  {
    usage: 'check [module]',
    group: groups.keep,
    summary: 'run the checks over a module, or over a folder that holds one',
    options: [
      ['--all', 'over every active module'],
      ['--sarif', 'print a SARIF 2.1.0 document'],
      ['--junit', 'print a JUnit XML document'],
    ],
    examples: ['check api/petstore', 'check ./modules/shop --sarif', 'check --all'],
    load: async () => (await import('./commands/check.ts')).check,
  },
  {
    usage: 'test <module>',
    group: groups.keep,
    summary: 'try every operation and run its own tests, behind walls; a module, or a folder that holds one',
    options: [['--junit', 'print a JUnit XML document'], ['--lcov', 'print the coverage as an LCOV tracefile'], coverage],
    examples: ['test api/petstore', 'test ./modules/shop --min-coverage 80'],
    load: async () => (await import('./commands/test.ts')).test,
  },
  {
    usage: 'ci [what...]',
    group: groups.keep,
    summary: 'check and test every module below some folders, and API descriptions; stores nothing, asks nobody',
    options: [['--out <folder>', 'write burgeon.sarif, junit.xml, lcov.info and burgeon.json there'], coverage],
    examples: ['ci', 'ci modules ./petstore.yaml --out reports'],
    load: async () => (await import('./commands/ci.ts')).ci,
  },
  {
    usage: 'advisories status',
    group: groups.keep,
    summary: 'which vulnerability data there are, and of when',
    load: async () => (await import('./commands/advisories.ts')).status,
  },
  {
    usage: 'advisories import <file>',
    group: groups.keep,
    summary: 'take vulnerability data (OSV) in; active modules are checked again, vulnerable ones quarantined',
    examples: ['advisories import ./osv.json'],
    load: async () => (await import('./commands/advisories.ts')).take,
  },
];
