/** The warm process of unchanged.ts: node src/unchanged-warm.ts CHECKOUT HOME. It opens that checkout and calls whenever it is told to. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { median } from './statistics.ts';

/** What one round of one tree gave: by what was measured, the median of its calls, milliseconds. */
export type WarmRound = Record<string, number>;

interface Opened {
  catalogue: {
    refresh(): Promise<void>;
    call(operation: string, input: object): Promise<{ output: unknown }>;
  };
  close(): Promise<void>;
}

const [tree = '', home = ''] = process.argv.slice(2);

const operations = { 'call, HTTP, warm': 'remote.getThing', 'call, SQLite, warm': 'local.getThing' };

const entry = pathToFileURL(join(tree, 'packages', 'burgeon', 'src', 'burgeon.ts')).href;
const { createBurgeon } = (await import(entry)) as { createBurgeon(options: { home: string }): Promise<Opened> };
const burgeon = await createBurgeon({ home });
await burgeon.catalogue.refresh();

const round = async (calls: number): Promise<WarmRound> => {
  const taken: WarmRound = {};
  for (const [what, operation] of Object.entries(operations)) {
    const times: number[] = [];
    for (let at = 0; at < calls; at += 1) {
      const begun = performance.now();
      await burgeon.catalogue.call(operation, { id: 1 });
      times.push(performance.now() - begun);
    }
    taken[what] = median(times);
  }
  return taken;
};

process.on('message', ({ calls }: { calls: number }) => void round(calls).then((taken) => process.send?.(taken)));
process.once('disconnect', () => void burgeon.close());
process.send?.({});
