import { version } from '../base/version.ts';

const words = process.argv.slice(2);
const streams = { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr };

// A reader that went away (`| head`) is no failure, and no reason to stop half-way: what was begun is finished unheard.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) {
  process.stdout.write(`${version}\n`);
} else {
  const { run } = await import('./run.ts');
  process.exit(await run(words, streams));
}
