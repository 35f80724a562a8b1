import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

import { backgroundContext, type Caller } from '@plaza/core';
import { plazaClients, ROOT, SERVICES, type ServiceName } from '@plaza/testing';

import { loadDemo } from './demo/load.ts';
import { watchQueue } from './demo/queue.ts';
import { seededRandom } from './launcher/random.ts';
import { loadResuming } from './launcher/resume.ts';
import { createScreen } from './launcher/screen.ts';
import { onStopSignal } from './launcher/signals.ts';
import { SEED, summaryLine } from './demo/summary.ts';
import { addressOf, findTarget } from './target/target.ts';
import { runTool } from './target/trouble.ts';

const HELP = `Loads the demo, 962 people of a real graph with their shops, follows, products, posts and orders, into a Plaza that runs elsewhere.

  USER_ADDRESS=… PRODUCT_ADDRESS=… ORDER_ADDRESS=… GRAPH_ADDRESS=… FEED_ADDRESS=… SIGNING_KEY=<the user service's> npm run demo

With NATS_URL it also waits until no message waits for its consumer. It keeps its place in PLAZA_HOME (.plaza by default), by NAMESPACE: started again it goes on from there, and a second load changes nothing.
Into the Plaza of this machine npm start has loaded it already. Exit codes: 0 loaded and as planned, 1 not, 2 asked wrongly.
`;

await runTool(HELP, async () => {
  const target = findTarget(process.env);
  if (target.local || Object.keys(target.services).length === 0) {
    process.stdout.write(HELP);
    return 2;
  }
  const screen = createScreen(process.stdout);
  const stop = onStopSignal();
  const addresses = Object.fromEntries(SERVICES.map((name) => [name, addressOf(target, name)])) as Record<ServiceName, string>;
  mkdirSync(target.home, { recursive: true });
  const tls = target.tlsAs('operator');
  const clients = plazaClients({ addresses, token: target.tokenOf, tls });
  const { natsUrl } = target.engines;
  const { namespace, natsCredsFile } = target;
  const queue = natsUrl === undefined ? undefined : watchQueue({ url: natsUrl, namespace, natsCredsFile, tls });
  const contextOf = (caller: Caller, timeoutMs = 10_000) => ({
    ...backgroundContext({ method: 'plaza.tools/Demo', timeoutMs, signal: stop }),
    caller,
  });
  try {
    const summary = await loadResuming(
      loadDemo,
      () => ({
        clients,
        adminContext: (timeoutMs) => contextOf({ kind: 'admin' }, timeoutMs),
        userContext: (userId, timeoutMs) => contextOf({ kind: 'user', userId }, timeoutMs),
        namespace,
        ...(queue && { waiting: () => queue.waiting() }),
        progress: screen,
        dataDir: target.home,
        graphFile: join(ROOT, 'data/socfb-Reed98.edges'),
        random: seededRandom(SEED),
      }),
      { screen, stop },
    );
    screen.line(summaryLine(summary));
    for (const problem of summary.problems) screen.line(`not as it should be: ${problem}`);
    return summary.problems.length === 0 ? 0 : 1;
  } finally {
    clients.close();
    await queue?.close();
  }
});
