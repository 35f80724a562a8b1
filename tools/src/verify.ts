import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { backgroundContext } from '@plaza/core';
import { createKeys, plazaClients, ROOT } from '@plaza/testing';

import { loadSecrets, readPlaces, tlsOf } from './launcher/home.ts';
import { createScreen } from './launcher/screen.ts';
import { onStopSignal } from './launcher/signals.ts';
import { everybody, linesOf, verifyFeeds } from './verify/feeds.ts';

// npm run verify -- --all, or -- <viewer id>…: whether feeds of the Plaza that runs here are right. Exits 1 if one is not.
const { values, positionals } = parseArgs({ options: { all: { type: 'boolean', default: false } }, allowPositionals: true });
const home = process.env['PLAZA_HOME'] || join(ROOT, '.plaza');
const screen = createScreen(process.stdout);
const places = readPlaces(home);
if (positionals.length === 0 && !values.all) {
  screen.line('whose feeds? npm run verify -- --all, or npm run verify -- <viewer id> …');
  process.exit(2);
}
if (places === undefined) {
  screen.line(`nothing has run here yet: no ${join(home, 'addresses.json')}; npm start first`);
  process.exit(2);
}
const stop = onStopSignal();
const clients = plazaClients({
  addresses: places.services,
  token: createKeys(loadSecrets(home).keyring).tokenOf,
  tls: tlsOf(places, 'operator'),
});
const verifying = {
  clients,
  adminContext: (timeoutMs = 10_000) => ({
    ...backgroundContext({ method: 'plaza.tools/Verify', timeoutMs, signal: stop }),
    caller: { kind: 'admin' as const },
  }),
  progress: screen,
};
const verified = await verifyFeeds(verifying, values.all ? await everybody(verifying) : positionals);
for (const line of linesOf(verified)) screen.line(line);
clients.close();
process.exit(verified.faults.length === 0 && !verified.stopped ? 0 : 1);
