import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readdirSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';

import { ROOT, type Installation } from '@plaza/testing';

const run = promisify(execFile);

/** The user that the images run as. */
const IMAGE_USER = 65532;

/** Trees of images as deploy/image.sh makes them. */
export interface Trees {
  folderOf(workspace: string): string;
  installationOf(workspace: string): Installation;
  remove(): Promise<void>;
}

/** Makes the trees of some workspaces, two at a time. Node lies beside them, as it does in an image. */
export const makeTrees = async (workspaces: readonly string[]): Promise<Trees> => {
  const home = mkdtempSync(join(tmpdir(), 'plaza-images-'));
  chmodSync(home, 0o755);
  const node = join(home, 'node');
  copyFileSync(process.execPath, node);
  chmodSync(node, 0o755);
  const folderOf = (workspace: string) => join(home, workspace.replace('/', '-'));
  const waiting = [...workspaces];
  const make = async () => {
    for (let workspace = waiting.shift(); workspace !== undefined; workspace = waiting.shift())
      await run('sh', ['deploy/image.sh', workspace, folderOf(workspace)], { cwd: ROOT });
  };
  await Promise.all([make(), make()]);
  return {
    folderOf,
    // Whoever is not root cannot be somebody else, and finds the tree not writable all the same.
    installationOf: (workspace) => ({
      node,
      folder: folderOf(workspace),
      ...(process.getuid?.() === 0 && { uid: IMAGE_USER }),
    }),
    remove: async () => {
      if (process.getuid?.() !== 0) await run('chmod', ['-R', 'u+w', home]);
      await rm(home, { recursive: true });
    },
  };
};

export interface Found {
  /** From the tree's root. */
  readonly path: string;
  readonly bytes: number;
}

export const filesIn = (folder: string): Found[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return { path: relative(folder, path), bytes: statSync(path).size };
    });

/** What git has; a file that only this machine has belongs into no image. */
export const trackedFiles = async (): Promise<ReadonlySet<string>> => {
  const { stdout } = await run('git', ['ls-files', '-z'], { cwd: ROOT, maxBuffer: 2 ** 24 });
  return new Set(stdout.split('\0'));
};
