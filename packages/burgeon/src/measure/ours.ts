import type { Contender } from './contender.ts';
import { hostContender, script } from './host-contender.ts';
import { wasmProgram } from './wasm-program.ts';

const inScript = { entry: 'index.js', text: script };

/** What cannot share a process takes one each: no more of them are needed to know what one costs. */
const ownProcesses = { mostModules: 20 };

const python = `from burgeon import random

def tiny(input):
    return {"sum": input["a"] + 1, "text": "hello"}

async def host(input):
    return {"number": await random.number()}

operations = {"tiny": tiny, "host": host}
`;

/** Our own hosts that run code, each with the text that everybody runs, or in a language of its own. */
export const ours = (): Contender[] => {
  const isolate = async () => (await import('../adapters/hosts/isolate/index.ts')).createIsolate();
  const strict = async () => (await import('../adapters/hosts/strict/index.ts')).createStrict();
  const wasm = async () => (await import('../adapters/hosts/wasm/index.ts')).createWasm();
  const program = async () => (await import('../adapters/hosts/process/index.ts')).createProcess();
  const inWasm = { program: 'an echo in WebAssembly', entry: 'module.wasm', text: wasmProgram };
  const inPython = { program: 'a few lines of Python', entry: 'main.py', text: python };
  return [
    hostContender({ name: 'isolate', make: isolate, trusted: true, ...inScript }),
    hostContender({ name: 'isolate, not approved', make: isolate, trusted: false, ...inScript, ...ownProcesses }),
    hostContender({ name: 'strict', make: strict, trusted: true, ...inScript }),
    hostContender({ name: 'wasm', make: wasm, trusted: true, ...inWasm }),
    hostContender({ name: 'process, Node', make: program, trusted: true, ...inScript, ...ownProcesses }),
    hostContender({ name: 'process, Python', make: program, trusted: true, ...inPython, ...ownProcesses }),
  ];
};
