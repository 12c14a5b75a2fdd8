/**
 * What code does where nothing holds it: a process of its own whose functions are sloppy and whose timers take text, as careless engines have
 * them. Bodies of functions come in on standard input as JSON; which of them printed the word goes out.
 */
import { readFileSync } from 'node:fs';

const { bodies, word } = JSON.parse(readFileSync(0, 'utf8')) as { bodies: string[]; word: string };
const AsyncFunction = (async () => {}).constructor as new (code: string) => () => Promise<unknown>;
let got = false;
const log = (text: unknown): void => void (got ||= text === word);
const makers = [Object.prototype, Array.prototype, Object, Array, Map, Math, JSON] as object[];
const timer = (run: unknown): void => {
  if (typeof run === 'function') (run as () => void).call(globalThis);
  else new AsyncFunction(String(run))().catch(() => {});
};
Object.assign(globalThis, { console: { log }, setTimeout: timer, setInterval: timer, queueMicrotask: timer });

const reached: boolean[] = [];
for (const body of bodies) {
  got = false;
  try {
    await Promise.race([new AsyncFunction(body)(), new Promise((done) => setImmediate(() => setImmediate(done)))]);
  } catch {
    // Many fail once they are through.
  }
  for (const each of makers) Reflect.deleteProperty(each, 'polluted');
  reached.push(got);
}
process.on('unhandledRejection', () => {});
process.stdout.write(JSON.stringify(reached), () => process.exit(0));
