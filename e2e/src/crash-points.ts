import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
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

/** By which file each process is told where to die: a start takes longer than many a story. */
const files = new WeakMap<World, Map<ProcessName, string>>();

const fileOf = async (world: World, name: ProcessName): Promise<string> => {
  const known = files.get(world) ?? new Map<ProcessName, string>();
  files.set(world, known);
  const file = known.get(name) ?? join(mkdtempSync(join(tmpdir(), 'plaza-crash-')), name);
  if (!known.has(name)) {
    known.set(name, file);
    writeFileSync(file, '');
    await world.plaza.process(name).restart({ CRASH_AT: `@${file}` });
  }
  return file;
};

/** Plays a story in which the process dies at the point, and is started again; answers by which signal it died. */
export const dieAt = async (world: World, point: string, [name, story]: Scenes[string]): Promise<NodeJS.Signals | null> => {
  const process = world.plaza.process(name);
  const file = await fileOf(world, name);
  const rises = process.exited.then(async ({ signal }) => {
    writeFileSync(file, '');
    await process.restart({ CRASH_AT: `@${file}` });
    return signal;
  });
  writeFileSync(file, point);
  const [signal] = await Promise.all([rises, story()]);
  return signal;
};
