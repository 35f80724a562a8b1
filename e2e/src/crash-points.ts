import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Every crash point named in the code. */
export const crashPointsInCode = (): string[] => {
  const files = ['libs', 'services'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => /^[^/]+\/src\/.*\.ts$/.test(path) && !path.endsWith('.test.ts'))
      .map((path) => join(ROOT, folder, path)),
  );
  const names = files.flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/crashPoint\('([^']+)'\)/g)].map(([, name]) => name!),
  );
  return names.sort();
};
