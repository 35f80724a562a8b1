import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { allFiles, DERIVED } from '../src/all-files.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

test('what is committed is what the code says today; if not: npm run manifests', () => {
  const committed = DERIVED.flatMap((folder) => filesBelow(join(root, folder)));
  const contents = Object.fromEntries(committed.map((path) => [relative(root, path), readFileSync(path, 'utf8')]));
  expect(contents).toEqual(allFiles());
});

const filesBelow = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
    : [];
