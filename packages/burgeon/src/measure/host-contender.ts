import {
  type Capability,
  type Host,
  type HostContext,
  type Limits,
  type VerifiedModule,
  BurgeonError,
  defaultLimits,
} from '@burgeon/kit';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import type { Contender, Stage } from './contender.ts';
import { moduleText } from './module-text.ts';
import { bytesOf } from './processes.ts';

/** A module of one file, as a host takes it. */
export const verified = (id: string, entry: string, text: string): VerifiedModule =>
  ({
    manifest: { name: id, extensions: { 'dev.burgeon.module': { id, entry } } },
    interface: { operations: [{ id: 'tiny', effect: 'read' }] },
    digest: '',
    paths: [entry],
    file: (path: string) => (path === entry ? text : undefined),
  }) as unknown as VerifiedModule;

/** What it may do. */
export const powers: Capability[] = [
  { kind: 'random', scope: {} },
  { kind: 'clock', scope: {} },
];

/** Host calls are not what is measured here: they may come as fast as they can. */
export const measuringLimits: Limits = { ...defaultLimits, hostCallsPerSecond: 10_000_000, wallMs: 60_000, cpuMs: 60_000 };

/** What a host needs to run it: time, chance and nothing else. */
export const contextOf = (trusted: boolean): HostContext => ({
  clock: systemClock,
  log: silentLogger,
  trusted,
  connect: () => Promise.reject(new BurgeonError('UNSUPPORTED', { message: 'A measurement has no connections.' })),
  hostCall: async () => 0.5,
  ended: () => {},
});

/** The module as our JavaScript hosts take it. */
export const script: string = moduleText(`import { random as host } from 'burgeon:cap/random';`, 'export { operations };');

/** How one of our hosts takes part. */
export interface HostEntry extends Omit<Contender, 'open'> {
  /** Gives a new host, with a pool of its own. */
  make(): Promise<Host>;
  trusted: boolean;
  /** File and text of the module. */
  entry: string;
  text: string;
}

/** One of our hosts as a contender. */
export const hostContender = ({ make, trusted, entry, text, ...contender }: HostEntry): Contender => ({
  ...contender,
  open: async (): Promise<Stage> => {
    const host = await make();
    const open = new Set<{ dispose(): Promise<void> }>();
    return {
      load: async (id) => {
        const grants = powers.map((each) => ({ ...each, request: 'measure' }));
        const instance = await host.start(verified(id, entry, text), grants, measuringLimits, contextOf(trusted));
        open.add(instance);
        await instance.init();
        return {
          call: async (operation, input) => (await instance.call(operation, input)).output,
          close: async () => {
            open.delete(instance);
            await instance.dispose();
          },
        };
      },
      memoryBytes: () => bytesOf(),
      close: async () => void (await Promise.all([...open].map((each) => each.dispose()))),
    };
  },
});
