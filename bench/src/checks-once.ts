/** Judges the module in a folder once, as a process that is asked for nothing else does: node src/checks-once.ts FOLDER CHECK... */
import { checks } from '../../packages/burgeon/src/adapters/checks/index.ts';
import { readCandidate } from '../../packages/burgeon/src/cli/folder.ts';
import { check } from '../../packages/burgeon/src/pipeline/check.ts';

const [folder = '', ...names] = process.argv.slice(2);
const chosen = Object.fromEntries(Object.entries(checks).filter(([name]) => names.includes(name)));
const verdicts = await check(chosen, await readCandidate(folder));
process.exitCode = verdicts.every(({ ok }) => ok) ? 0 : 1;
