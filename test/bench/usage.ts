/** Loaded ahead of a command (`node --import`): says on standard error how much memory it took at most. */
import process from 'node:process';

process.on('exit', () => {
  process.stderr.write(`peak memory ${process.resourceUsage().maxRSS} KiB\n`);
});
