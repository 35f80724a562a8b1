import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Format, lint with the layers, types, schema and its compatibility: the targets of the root project, side by side. nx keeps
 * what passed; a second run over an unchanged tree is answered from its cache.
 */
const { status } = spawnSync(
  'nx',
  [
    'run-many',
    '-p',
    'plaza',
    '-t',
    'check:format',
    'check:lint',
    'check:types',
    'check:proto',
    '--parallel=2',
    '--outputStyle=static',
  ],
  {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, NX_DAEMON: 'false' },
  },
);
process.exitCode = status ?? 1;
