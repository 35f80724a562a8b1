import { join } from 'node:path';

import { dockerProblem, startContainerEngine } from './container-engine.ts';
import type { Engine, EngineName, EngineOptions, Engines, EnginesOptions } from './engine.ts';
import { CACHE, findBinaries, type Binaries } from './find.ts';
import { installMissing } from './install.ts';
import { lackingOf, missingEngines, type Attempt } from './missing.ts';
import { answers } from './probe.ts';
import { startProcessEngine } from './process-engine.ts';

const VARIABLES: Readonly<Record<EngineName, 'DYNAMODB_ENDPOINT' | 'REDIS_URL' | 'NATS_URL'>> = {
  dynamodb: 'DYNAMODB_ENDPOINT',
  redis: 'REDIS_URL',
  nats: 'NATS_URL',
};
const NAMES: readonly EngineName[] = ['redis', 'nats', 'dynamodb'];

type Starter = (name: EngineName, options: EngineOptions) => Promise<Engine>;

/**
 * Gets the three engines from wherever they can be had: endpoints in the environment, then Docker, then binaries on this
 * machine, then packages. What we start is ours alone, listens on a free port of 127.0.0.1 and ends with `close`, or with us.
 * @throws Error that says what is missing, what was tried, and the one command that helps.
 */
export const startEngines = async (options: EnginesOptions = {}): Promise<Engines> => {
  const env = options.env ?? process.env;
  const report = reporter(options.report);
  const given = NAMES.filter((name) => env[VARIABLES[name]]);
  for (const name of given) {
    await report(`${name} at ${env[VARIABLES[name]]} (from ${VARIABLES[name]})`, () =>
      answers(name, env[VARIABLES[name]]!, 5_000),
    );
  }
  const wanted = NAMES.filter((name) => !given.includes(name));
  const started =
    wanted.length === 0 ? [] : await startAll(wanted, await chooseStarter(wanted, env, options, report), options, report);
  const urlOf = (name: EngineName) => env[VARIABLES[name]] || started.find((engine) => engine.name === name)!.url;
  return {
    dynamodbEndpoint: urlOf('dynamodb'),
    redisUrl: urlOf('redis'),
    natsUrl: urlOf('nats'),
    env: { DYNAMODB_ENDPOINT: urlOf('dynamodb'), REDIS_URL: urlOf('redis'), NATS_URL: urlOf('nats') },
    started,
    close: async () => {
      await Promise.all(started.map((engine) => engine.stop()));
    },
  };
};

/** An engine of its own for a test that kills, pauses or wipes it. */
export const startRedis = (options: EngineOptions = {}): Promise<Engine> => startOne('redis', options);
export const startNats = (options: EngineOptions = {}): Promise<Engine> => startOne('nats', options);
export const startDynamo = (options: EngineOptions = {}): Promise<Engine> => startOne('dynamodb', options);

const startOne = async (name: EngineName, options: EngineOptions): Promise<Engine> => {
  const bin = await findBinaries(process.env);
  if (lackingOf([name], bin).length === 0) return startProcessEngine(name, bin, options);
  const docker = await dockerProblem(process.env);
  if (docker === undefined) return startContainerEngine(name, options);
  throw missingEngines([name], bin, [{ how: 'docker', outcome: docker }]);
};

const chooseStarter = async (
  wanted: readonly EngineName[],
  env: Readonly<Record<string, string | undefined>>,
  options: EnginesOptions,
  report: Report,
): Promise<Starter> => {
  const attempts: Attempt[] = [{ how: 'environment', outcome: wanted.map((name) => `${VARIABLES[name]} is not set`).join(', ') }];
  const docker = await report('looked for Docker', () => dockerProblem(env));
  if (docker === undefined) return startContainerEngine;
  attempts.push({ how: 'docker', outcome: docker });

  const cacheDir = options.cacheDir ?? CACHE;
  let bin = await report('looked for binaries', () => findBinaries(env, cacheDir));
  attempts.push({ how: 'binaries', outcome: found(bin) });
  if (lackingOf(wanted, bin).length > 0 || wantsEatmydata(wanted, bin, options)) {
    attempts.push(...(await installMissing({ wanted, bin, env, cacheDir, report })));
    bin = await findBinaries(env, cacheDir);
  }
  if (lackingOf(wanted, bin).length > 0) throw missingEngines(wanted, bin, attempts);
  return (name, engineOptions) => startProcessEngine(name, bin, engineOptions);
};

/** Only data in files is slow enough to be worth a package. */
const wantsEatmydata = (wanted: readonly EngineName[], bin: Binaries, options: EnginesOptions): boolean =>
  options.dataDir !== undefined && wanted.includes('dynamodb') && bin.eatmydata === undefined && process.platform === 'linux';

const startAll = async (
  wanted: readonly EngineName[],
  start: Starter,
  options: EnginesOptions,
  report: Report,
): Promise<Engine[]> => {
  const results = await Promise.allSettled(
    wanted.map((name) =>
      report(
        (engine: Engine) => `${name} started at ${engine.url}${engine.pid > 0 ? ` (pid ${engine.pid})` : ''}`,
        () => start(name, options.dataDir === undefined ? {} : { dataDir: join(options.dataDir, name) }),
      ),
    ),
  );
  const started = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = results.find((result) => result.status === 'rejected');
  if (!failed) return started;
  await Promise.all(started.map((engine) => engine.stop()));
  throw failed.reason;
};

const found = (bin: Binaries): string =>
  `redis ${bin.redis ?? 'not found'}, nats-server ${bin.nats ?? 'not found'}, java ≥ 17 ${bin.java ?? 'not found'}`;

/** Does the work, and says what it was and how long it took. */
export type Report = <T>(text: string | ((result: T) => string), work: () => Promise<T>) => Promise<T>;

const reporter =
  (report: EnginesOptions['report']): Report =>
  async (text, work) => {
    const start = performance.now();
    const result = await work();
    report?.({ text: typeof text === 'string' ? text : text(result), ms: Math.round(performance.now() - start) });
    return result;
  };
