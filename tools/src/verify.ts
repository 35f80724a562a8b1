import process from 'node:process';
import { parseArgs } from 'node:util';

import { backgroundContext } from '@plaza/core';
import { plazaClients, SERVICES, type ServiceName } from '@plaza/testing';

import { createScreen } from './launcher/screen.ts';
import { onStopSignal } from './launcher/signals.ts';
import { addressOf, findTarget } from './target/target.ts';
import { runTool } from './target/trouble.ts';
import { everybody, linesOf, verifyFeeds } from './verify/feeds.ts';

const HELP = `Whether home feeds are what they have to be: the feed service compares each with the truth, and with what its viewer may see.

  npm run verify -- <viewer id> …
  npm run verify -- --all            everybody's who can sign in: for a small installation

Another Plaza: USER_ADDRESS … FEED_ADDRESS, and TOKEN or SIGNING_KEY. Exit codes: 0 all are right, 1 one is not or could not be told, 2 asked wrongly.
`;

await runTool(HELP, async (args) => {
  const { values, positionals } = parseArgs({ args, options: { all: { type: 'boolean' } }, allowPositionals: true });
  if (positionals.length === 0 && !values.all) {
    process.stdout.write(HELP);
    return 2;
  }
  const screen = createScreen(process.stdout);
  const target = findTarget(process.env);
  const addresses = Object.fromEntries(SERVICES.map((name) => [name, addressOf(target, name)])) as Record<ServiceName, string>;
  const clients = plazaClients({ addresses, token: target.tokenOf, tls: target.tlsAs('operator') });
  const stop = onStopSignal();
  const verifying = {
    clients,
    adminContext: (timeoutMs = 10_000) => ({
      ...backgroundContext({ method: 'plaza.tools/Verify', timeoutMs, signal: stop }),
      caller: { kind: 'admin' as const },
    }),
    progress: screen,
  };
  try {
    const verified = await verifyFeeds(verifying, values.all ? await everybody(verifying) : positionals);
    for (const line of linesOf(verified)) screen.line(line);
    return verified.faults.length === 0 && !verified.stopped ? 0 : 1;
  } finally {
    clients.close();
  }
});
