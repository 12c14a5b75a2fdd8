/** What hostile descriptions achieve: code in what is written, files and servers reached through references, time and the health of a server. */
import { hostileSources } from '../../packages/burgeon/src/adapters/targets/fixtures/hostile-sources.ts';
import { injection } from '../../packages/burgeon/src/adapters/targets/fixtures/injection.ts';
import { leaks } from './hostile-references.ts';
import { loads } from './hostile-load.ts';
import { save } from './results.ts';
import { table } from './statistics.ts';

const found = await injection(hostileSources);
const bad = found.injected.length + found.broken.length;
const positions = Object.values(found.places).reduce((total, count) => total + count, 0);
const reached = await leaks();
const taken = await loads();

const own = reached.filter(({ tool }) => tool.startsWith('burgeon'));
const readsFile = own.some((each) => each.readsFile);
const fetches = own.reduce((total, each) => total + each.fetches, 0);
const described = taken.filter(({ command }) => command === 'describe');
const slowest = Math.max(...described.map(({ seconds }) => seconds));
const health = Math.max(...described.map((each) => each.health.p99));
const explained = described.every(({ outcome }) => outcome === 'answered' || outcome === 'SPEC_TOO_COMPLEX');

await save('hostile', {
  table: [
    table(
      ['hostile text', 'positions x texts', 'written / with the text in them', 'refused', 'injected or broken'],
      [
        [
          'burgeon, every source and target',
          `${positions} x ${found.payloads}`,
          `${found.written} / ${found.reached}`,
          found.refused,
          bad,
        ],
      ],
    ),
    table(
      ['`$ref` that leads out', 'sibling file read', 'loopback requests'],
      reached.map((each) =>
        each.works ? [each.tool, each.readsFile ? 'yes' : 'no', each.fetches] : [each.tool, 'does not run', ''],
      ),
    ),
    table(
      ['document', 'command', 'MB', 'seconds', 'outcome', 'health ms: p50 / p99 / max'],
      taken.map((each) => [
        each.document,
        each.command,
        each.megabytes.toFixed(1),
        each.seconds.toFixed(2),
        each.outcome,
        [each.health.p50, each.health.p99, each.health.max].map((value) => value.toFixed(1)).join(' / '),
      ]),
    ),
  ].join('\n\n'),
  figures: {
    injection: {
      measured: `${bad} of ${positions} x ${found.payloads} / ${readsFile ? 1 : 0} / ${fetches}`,
      met: bad === 0 && !readsFile && fetches === 0,
    },
    bombs: {
      measured: `slowest ${slowest.toFixed(2)} s, health p99 at most ${health.toFixed(1)} ms`,
      met: explained && slowest < 5 && health < 100,
    },
  },
  details: { injection: found, references: reached, loads: taken },
});
