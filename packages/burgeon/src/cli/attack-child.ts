/** The process that is the control plane of one attacked host: it may be lost, and whoever started it then knows which attack it was. */
import { BurgeonError } from '@burgeon/kit';
import { attackHost } from './attacks.ts';

// What lies about for the attacks is taken away on exit.
process.on('SIGTERM', () => process.exit(143));

const write = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

try {
  await attackHost(process.argv[2] ?? '', (verdict) => write({ verdict }));
  write({ done: true });
} catch (error) {
  write({ error: BurgeonError.from(error).toJSON() });
}
process.exit(0);
