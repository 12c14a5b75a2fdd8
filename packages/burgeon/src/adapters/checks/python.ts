import {
  type BundleFile,
  type Candidate,
  type Check,
  type CheckContext,
  type Diagnostic,
  defineCheck,
  manifestExtension,
} from '@burgeon/kit';
import { type Python, findPython } from '../../base/python.ts';
import { jailDriver } from '../../walls/jail/choose.ts';

const deadlineMs = 20_000;
const outputBytes = 1024 * 1024;
const bounds = { memoryBytes: 512 * 1024 * 1024, processes: 8, openFiles: 32, fileBytes: 0 };

/** Compiles without running: each file gives nothing, or the line and the words of the mistake. */
const compiling = `
import json, sys
found = []
for file in json.load(sys.stdin):
    try:
        compile(file["text"], file["path"], "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        found.append([file["path"], getattr(error, "lineno", None) or 1, getattr(error, "offset", None) or 1, str(getattr(error, "msg", error))[:500]])
    except (RecursionError, MemoryError) as error:
        found.append([file["path"], 1, 1, "is nested too deeply"])
json.dump(found, sys.stdout)
`;

const finding = (severity: Diagnostic['severity'], code: string, path: string, message: string): Diagnostic => ({
  severity,
  code,
  message,
  path,
  from: 'python',
});

const killed = (why: string): Diagnostic => finding('error', 'check-killed', '', `Python could not compile the files: ${why}.`);

/** What a jailed process wrote before it ended well; or why it did not. */
const ask = async (python: Python, input: string, signal: AbortSignal): Promise<{ text: string } | { why: string }> => {
  if (signal.aborted) return { why: 'cancelled' };
  const driver = await jailDriver();
  const child = await driver.launch(
    { command: python.command, args: ['-I', '-S', '-B', '-X', 'utf8', '-c', compiling], read: python.read, bounds },
    [],
  );
  let why: string | undefined;
  const stop = (reason: string) => (): void => {
    why ??= reason;
    child.kill();
  };
  const [late, cancel, tooMuch] = [stop('deadline'), stop('cancelled'), stop('output')];
  const deadline = setTimeout(late, deadlineMs);
  signal.addEventListener('abort', cancel, { once: true });
  const pieces: Buffer[] = [];
  let bytes = 0;
  child.process.stdout?.on('data', (piece: Buffer) => {
    bytes += piece.length;
    if (bytes > outputBytes) tooMuch();
    else pieces.push(piece);
  });
  const closed = new Promise<void>((resolve) => void child.process.stdout?.once('close', resolve));
  child.process.stdin?.end(input);
  const [end] = await Promise.all([child.ended, closed]);
  clearTimeout(deadline);
  signal.removeEventListener('abort', cancel);
  if (why === undefined && end.code === 0) return { text: Buffer.concat(pieces).toString() };
  return {
    why:
      why ?? (end.outOfMemory ? 'memory' : (end.signal ?? /^\w*Error.*$/m.exec(end.complaint)?.[0] ?? `exit code ${end.code}`)),
  };
};

const run = async (candidate: Candidate, context: CheckContext): Promise<Diagnostic[]> => {
  const files = candidate.files.filter(isPython);
  const { host, kind } = candidate.manifest.extensions[manifestExtension];
  if (kind !== 'code' || host !== 'process' || files.length === 0) return [];
  const python = await findPython();
  if (!python)
    return [finding('info', 'python-not-checked', '', 'There is no Python on this machine: the files were not compiled.')];
  const answer = await ask(python, JSON.stringify(files), context.signal);
  if ('why' in answer) return [killed(answer.why)];
  const found = JSON.parse(answer.text) as [path: string, line: number, column: number, message: string][];
  return found.map(([path, line, column, message]) => ({
    ...finding('error', 'python-syntax', `${path}:${line}:${column}`, `${message}.`),
    position: { line, column },
  }));
};

const isPython = ({ path }: BundleFile): boolean => path.endsWith('.py');

/** A verdict depends on the Python that gave it; only a program has one. */
const stamp: Check['stamp'] = async (_context, { extensions }) =>
  extensions[manifestExtension].host === 'process' ? ((await findPython())?.version ?? 'none') : '';

/** The check of Python: every file of a program compiles, judged behind walls by the Python of this machine; where there is none it says so. */
export const python: Check = defineCheck({ name: 'python', run, stamp });
