/** Appends to the audit of a store as fast as it is acknowledged, and says how far it came: node src/audit-writer.ts FILE WRITERS. */
import { openAudit } from '../../packages/burgeon/src/security/audit.ts';
import { systemClock } from '../../packages/burgeon/src/base/clock.ts';
import { sqlite } from '../../packages/burgeon/src/adapters/stores/sqlite.ts';
import { newOwnerKey } from '../../packages/burgeon/src/security/keys.ts';

const [file = '', writers = '1'] = process.argv.slice(2);
const store = await sqlite.open(file, { clock: systemClock });
const audit = openAudit({ store, clock: systemClock, key: newOwnerKey() });
let acknowledged = 0;
const data = { operation: 'getPetById', version: '1.0.0', times: 1 };
const write = async (): Promise<never> => {
  for (;;) {
    await audit.commit([{ kind: 'module.called', module: 'api/petstore', data }]);
    acknowledged += 1;
  }
};
setInterval(() => process.stdout.write(`${acknowledged}\n`), 50);
await Promise.all(Array.from({ length: Number(writers) }, write));
