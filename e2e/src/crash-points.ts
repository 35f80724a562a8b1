import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { ProcessName } from '@plaza/testing';

import type { World } from './world.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Every crash point named in the code. */
export const crashPointsInCode = (which: RegExp): string[] => {
  const files = ['libs', 'services'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => /^[^/]+\/src\/.*\.ts$/.test(path) && !path.endsWith('.test.ts'))
      .map((path) => join(ROOT, folder, path)),
  );
  const names = files.flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/crashPoint\('([^']+)'\)/g)].map(([, name]) => name!),
  );
  return names.filter((name) => which.test(name)).sort();
};

/** Point → who dies there, and in the middle of what. */
export type Scenes = Readonly<Record<string, readonly [process: ProcessName, story: () => Promise<void>]>>;

/** Plays a story in which the process dies at the point, and is started again; answers by which signal it died. */
export const dieAt = async (world: World, point: string, [name, story]: Scenes[string]): Promise<NodeJS.Signals | null> => {
  const process = world.plaza.process(name);
  await process.restart({ CRASH_AT: point });
  const rises = process.exited.then(async ({ signal }) => {
    await process.restart({ CRASH_AT: '' });
    return signal;
  });
  const [signal] = await Promise.all([rises, story()]);
  return signal;
};
