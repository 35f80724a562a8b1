import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { allFiles, DERIVED } from './all-files.ts';

// npm run manifests: writes every derived file below deploy/ anew.
const root = fileURLToPath(new URL('..', import.meta.url));
for (const folder of DERIVED) rmSync(join(root, folder), { recursive: true, force: true });
const files = Object.entries(allFiles());
for (const [path, content] of files) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}
process.stdout.write(`${files.length} files written below deploy/\n`);
