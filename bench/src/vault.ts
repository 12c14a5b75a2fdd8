/** What a secret costs a call: reading it from the vault in the egress path, beside a home with a thousand of them. node src/vault.ts */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHome } from '../../packages/burgeon/src/base/home.ts';
import { systemClock } from '../../packages/burgeon/src/base/clock.ts';
import { sqlite } from '../../packages/burgeon/src/adapters/stores/sqlite.ts';
import { openAudit } from '../../packages/burgeon/src/security/audit.ts';
import { newOwnerKey } from '../../packages/burgeon/src/security/keys.ts';
import { openMasterKeys } from '../../packages/burgeon/src/security/master-key.ts';
import { openVault } from '../../packages/burgeon/src/security/vault.ts';
import { echoForms } from '../../packages/burgeon/src/security/credentials/forms.ts';
import { createScrubber, scrubTable } from '../../packages/burgeon/src/security/credentials/scrub.ts';
import { save } from './results.ts';
import { quantile, table } from './statistics.ts';

const secrets = 1_000;
const reads = 20_000;
/** Reads before the first that counts: the engine compiles what it meets often. */
const warmUp = 2_000;

const folder = mkdtempSync(join(tmpdir(), 'burgeon-bench-vault-'));
const home = await openHome(folder, { clock: systemClock, waitMs: 0 });
const store = await sqlite.open(home.path('burgeon.db'), { clock: systemClock });
const open = () =>
  openVault({
    store,
    masterKey: openMasterKeys({ home, clock: systemClock }),
    clock: systemClock,
    audit: openAudit({ store, clock: systemClock, key: owner }),
  });
const owner = newOwnerKey();
const nameOf = (n: number): string => `api/module-${n % 50}/scheme-${n}`;

try {
  const filling = open();
  for (let n = 0; n < secrets; n += 1) await filling.set(nameOf(n), `a secret of usual length, number ${n}`);
  const vault = open();
  const firstFrom = performance.now();
  await vault.read(nameOf(0));
  const firstMs = performance.now() - firstFrom;
  const times: number[] = [];
  for (let n = 0; n < warmUp + reads; n += 1) {
    const from = performance.now();
    await vault.read(nameOf((n * 7) % secrets));
    if (n >= warmUp) times.push(performance.now() - from);
  }
  const page = Buffer.alloc(16 * 1024 * 1024, 'The quick brown fox jumps over the lazy dog. ');
  const scrubber = createScrubber(scrubTable(echoForms('a secret of usual length').map((letters) => ({ name: 'x', letters }))));
  const scrubFrom = performance.now();
  for (let at = 0; at < page.length; at += 65_536) scrubber.push(page.subarray(at, at + 65_536));
  const scrubMbps = 16 / ((performance.now() - scrubFrom) / 1_000);
  const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)];
  const us = (ms: number): string => `${Math.round(ms * 1_000)} us`;
  await save('vault', {
    figures: { read: { measured: `${us(p50)} / ${us(p99)}`, met: p50 <= 0.2 } },
    table: table(
      ['what', 'figure'],
      [
        [`read of one of ${secrets} secrets, p50 / p99 of ${reads}`, `${us(p50)} / ${us(p99)}`],
        ['the first read of a process, ledger verified', us(firstMs)],
        ['scrubbing of an answer, all forms of one secret', `${Math.round(scrubMbps)} MB/s`],
      ],
    ),
    details: { secrets, reads, p50, p99, firstMs, scrubMbps },
  });
} finally {
  await store.close();
  await home.close();
  rmSync(folder, { recursive: true, force: true });
}
