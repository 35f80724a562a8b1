import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { freePort } from '../processes/ports.ts';
import type { Engine, EngineName, EngineOptions } from './engine.ts';
import { ROOT } from './find.ts';
import { answers } from './probe.ts';
import { CONFIG_FILE, SPECS } from './specs.ts';

const run = promisify(execFile);

/**
 * Why Docker cannot be used, or undefined if it can. Only the daemon's answer counts: a client without a daemon is
 * common, and so is a daemon that we may not talk to.
 */
export const dockerProblem = async (env: Readonly<Record<string, string | undefined>>): Promise<string | undefined> => {
  try {
    await run('docker', ['info'], { env: { ...env }, timeout: 5_000 });
    return undefined;
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    if (code === 'ENOENT') return 'there is no docker';
    return stderr?.trim().split('\n').at(-1) || '`docker info` does not answer';
  }
};

/** Starts an engine as a container, from the image in docker-compose.yml, on a port of 127.0.0.1. */
export const startContainerEngine = async (name: EngineName, options: EngineOptions): Promise<Engine> => {
  const { GenericContainer } = await import('testcontainers');
  const spec = SPECS[name];
  const port = options.port ?? (await freePort());
  const url = `${spec.scheme}://${spec.login ?? ''}127.0.0.1:${port}`;
  const { dataDir } = options;
  let running: Awaited<ReturnType<InstanceType<typeof GenericContainer>['start']>> | undefined;

  const start = async () => {
    if (running) return;
    const container = new GenericContainer(imageOf(spec.composeName))
      .withExposedPorts({ container: spec.containerPort, host: port })
      .withCommand([...spec.containerArgs(dataDir), ...(options.args ?? [])]);
    if (spec.config) container.withCopyContentToContainer([{ content: spec.config(), target: `/etc/${CONFIG_FILE}` }]);
    if (dataDir !== undefined) {
      mkdirSync(dataDir, { recursive: true });
      container.withBindMounts([{ source: dataDir, target: '/data' }]).withUser('root');
    }
    running = await container.start();
    await answers(name, url, 60_000);
  };
  const remove = async () => {
    await running?.stop({ remove: true });
    running = undefined;
  };
  const docker = (verb: string) => running && execFileSync('docker', [verb, running.getId()]);

  await start();
  return {
    name,
    url,
    port,
    pid: 0,
    start,
    stop: remove,
    kill: async () => {
      docker('kill');
      await remove();
    },
    pause: () => void docker('pause'),
    resume: () => void docker('unpause'),
    wipe: async () => {
      await remove();
      if (dataDir !== undefined) rmSync(dataDir, { recursive: true, force: true });
      await start();
    },
  };
};

const imageOf = (service: string): string => {
  const compose = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
  const image = new RegExp(`^  ${service}:\\n(?:    .*\\n)*?    image: (\\S+)`, 'm').exec(compose)?.[1];
  if (!image) throw new Error(`docker-compose.yml names no image for ${service}`);
  return image;
};
