import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

interface LockEntry {
  optionalDependencies?: Record<string, string>;
}

test('every optional dependency that the lock names has an entry, so that npm ci passes on every platform', () => {
  const lock = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')) as {
    packages: Record<string, LockEntry>;
  };
  const present = new Set(Object.keys(lock.packages).map((path) => path.split('node_modules/').at(-1)));
  const named = Object.values(lock.packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((name) => !present.has(name))).toEqual([]);
});
