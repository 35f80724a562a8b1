import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { backgroundContext, type Caller, type Context, type Tls } from '@plaza/core';
import {
  plazaClients,
  ROOT,
  startEngines,
  asOperator,
  tlsFiles,
  writeCertificates,
  type Engines,
  type ProcessName,
} from '@plaza/testing';

import { watchQueue } from '../demo/queue.ts';
import { SEED, summaryLine } from '../demo/summary.ts';
import type {
  DemoOptions,
  DemoSummary,
  Freshness,
  LoadDemo,
  MakeCheatSheet,
  MeasureFreshness,
  PrintFeedPage,
} from '../demo/types.ts';
import { everyProcessIsHealthy, isFresh, runChecks, worksAsPasted, type Check } from './checks.ts';
import { startFleet, type Fleet } from './fleet.ts';
import { loadSecrets, savePlaces } from './home.ts';
import { takeLock } from './lock.ts';
import { adminOf, choosePorts } from './ports.ts';
import { seededRandom } from './random.ts';
import { loadResuming } from './resume.ts';
import type { Screen } from './screen.ts';
import { whereTable } from './table.ts';
import { watchEngines } from './watch-engines.ts';

export interface LaunchOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Everything that outlives a run: data, keys, logs. */
  readonly home: string;
  readonly screen: Screen;
  /** Check everything, then stop. */
  readonly once: boolean;
  /** Ctrl-C. */
  readonly stop: AbortSignal;
  readonly entryOf: (name: ProcessName) => string;
  /** Before a crashed process is first started again, in milliseconds; 500 by default. */
  readonly backoffMs?: number;
  readonly demo: {
    readonly loadDemo: LoadDemo;
    readonly printFeedPage: PrintFeedPage;
    readonly measureFreshness: MeasureFreshness;
    readonly cheatSheet: MakeCheatSheet;
  };
}

type Closing = (() => Promise<void> | void)[];

const DRAIN_MS = 15_000;
const FRESH_POSTS = 50;

/** Brings everything up, loads the demo, shows it, and stays until it is told to stop. Gives back the exit code; never throws. */
export const launch = async (options: LaunchOptions): Promise<number> => {
  const { screen, stop } = options;
  const closing: Closing = [];
  const stopped = new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
  const gaveUp = Promise.withResolvers<never>();
  const ending = new AbortController();
  let code = 0;
  try {
    const running = { ...options, stop: AbortSignal.any([stop, ending.signal]) };
    const failures = await Promise.race([bringUp(running, closing, gaveUp.reject), gaveUp.promise, stopped]);
    if (failures) code = 1;
    if (options.once && failures === undefined) code = 130;
    if (!options.once) await Promise.race([stopped, gaveUp.promise]);
  } catch (error) {
    // What fails because everything is being stopped is no failure.
    if (!stop.aborted) {
      screen.line();
      screen.line(error instanceof Error ? error.message : String(error));
      code = 1;
    }
  }
  ending.abort();
  if (closing.length > 1) screen.line('\nstopping');
  for (const close of closing.reverse()) {
    try {
      await close();
    } catch (error) {
      screen.line(String(error));
    }
  }
  return code;
};

const bringUp = async (options: LaunchOptions, closing: Closing, onGiveUp: (reason: Error) => void): Promise<number> => {
  const { home, env, screen } = options;
  const start = performance.now();
  const lock = await takeLock(home);
  closing.push(() => lock.release());
  const secrets = loadSecrets(home);
  const certificates = ['1', 'true'].includes(env['TLS'] ?? '') ? join(home, 'certificates') : undefined;
  if (certificates !== undefined) writeCertificates(certificates);

  const engines = await startEngines({ env, dataDir: home, report: ({ text, ms }) => screen.step(text, ms) });
  closing.push(() => engines.close());
  const say = (line: string) => screen.line(`          ${line}`);
  const watching = watchEngines({ engines: engines.started, say, onGiveUp });
  closing.push(() => watching.close());
  const namespace = env['NAMESPACE'] || 'plaza';
  const ports = await choosePorts(env, say);
  const fleet = await startFleet({
    home,
    endpoints: engines,
    namespace,
    logLevel: env['LOG_LEVEL'] || 'info',
    secrets,
    ports,
    certificates,
    entryOf: options.entryOf,
    ...(options.backoffMs !== undefined && { backoffMs: options.backoffMs }),
    screen,
    onGiveUp,
  });
  closing.push(() => fleet.drain(DRAIN_MS));
  savePlaces(home, { services: fleet.addresses, admin: adminOf(ports), engines, namespace, certificates });
  const tls = certificates === undefined ? undefined : tlsFiles(certificates, 'gateway');
  const clients = plazaClients({ addresses: fleet.addresses, token: fleet.keys.tokenOf, tls });
  closing.push(() => clients.close());
  const { natsCredsFile } = asOperator({ ...engines, namespace });
  const queue = watchQueue({ url: engines.natsUrl, namespace, natsCredsFile });
  closing.push(() => queue.close());
  if (certificates !== undefined)
    say(
      `over TLS: npx buf curl --cacert ${certificates}/ca.pem --cert ${certificates}/operator.pem --key ${certificates}/operator-key.pem`,
    );
  screen.step('everything is up', performance.now() - start);

  const demo: DemoOptions = {
    clients,
    adminContext: (timeoutMs) => contextOf({ kind: 'admin' }, options.stop, timeoutMs),
    userContext: (userId, timeoutMs) => contextOf({ kind: 'user', userId }, options.stop, timeoutMs),
    namespace,
    progress: screen,
    dataDir: home,
    waiting: () => queue.waiting(),
    graphFile: join(ROOT, 'data/socfb-Reed98.edges'),
    random: seededRandom(SEED),
  };
  const summary = await loadResuming(options.demo.loadDemo, () => ({ ...demo, random: seededRandom(SEED) }), options);
  screen.step(summaryLine(summary), performance.now() - start);
  return show(options, { fleet, engines, demo, summary, tls });
};

interface Shown {
  readonly fleet: Fleet;
  readonly engines: Engines;
  readonly demo: DemoOptions;
  readonly summary: DemoSummary;
  readonly tls: Tls | undefined;
}

const show = async (options: LaunchOptions, { fleet, engines, demo, summary, tls }: Shown): Promise<number> => {
  const { screen } = options;
  screen.line('\nWhat runs where\n');
  for (const row of whereTable(fleet, engines)) screen.line(row);
  screen.line();
  const items = await options.demo.printFeedPage(demo, summary, (line) => screen.line(`  ${line}`));
  const sheet = options.demo.cheatSheet({ summary, addresses: fleet.addresses, adminToken: fleet.adminToken() ?? '', tls });
  writeFileSync(join(options.home, 'cheat-sheet.txt'), `${sheet.text}\n`, { mode: 0o600 });
  screen.line(sheet.text);
  screen.line();
  const measured = options.demo.measureFreshness(demo, summary, FRESH_POSTS);
  if (!options.once) {
    // A service that dies meanwhile is started again: no reason to take everything down.
    const line = await measured.then(freshnessLine, notMeasured);
    if (options.stop.aborted) return 0;
    screen.forgetBars();
    screen.line(line);
    for (const problem of summary.problems) screen.line(`\nnot as it should be: ${problem}`);
    screen.line('\nPlaza is up. Ctrl-C drains and stops everything.');
    return 0;
  }
  const freshness = await measured;
  screen.line(freshnessLine(freshness));
  screen.line('\nChecks\n');
  return runChecks(screen, [
    ['every process is healthy', everyProcessIsHealthy(fleet)],
    ['the demo is whole', asCheck(summary.problems.join('; '))],
    ['the feed has something to show', asCheck(items > 0 ? '' : 'it is empty')],
    ['new posts appear in time', isFresh(freshness)],
    ['the admin token was printed', asCheck(fleet.adminToken() ? '' : 'the user service printed none')],
    ...sheet.commands.map((command, i) => [`call ${i + 1} of the cheat sheet`, worksAsPasted(command)] as const),
  ]);
};

const freshnessLine = ({ p50Ms, p99Ms, posts, followers }: Freshness): string =>
  `\nFrom a new post to every follower's feed: p50 ${p50Ms} ms, p99 ${p99Ms} ms (${posts} posts, ${followers} followers)`;

const notMeasured = (error: unknown): string =>
  `\nhow fresh: not measured, because ${error instanceof Error ? error.message : String(error)}`;

const asCheck =
  (problem: string): Check =>
  async () =>
    problem === '' ? undefined : problem;

const contextOf = (caller: Caller, signal: AbortSignal, timeoutMs = 10_000): Context => ({
  ...backgroundContext({ method: 'plaza.launcher/Demo', timeoutMs, signal }),
  caller,
});
