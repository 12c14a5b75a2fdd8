import { cpus, loadavg, totalmem } from 'node:os';

/** What figures are taken on. */
export interface Machine {
  node: string;
  processors: string;
  memoryGb: number;
}

/** This machine. */
export const thisMachine = (): Machine => ({
  node: process.version,
  processors: `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'}`,
  memoryGb: Math.round(totalmem() / 1024 ** 3),
});

/** How many processes wanted a processor, over the last minute; 0 where the system does not tell. */
export const loadNow = (): number => Number((loadavg()[0] ?? 0).toFixed(1));
