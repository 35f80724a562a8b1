import { join } from 'node:path';

import { entryOf, ROOT } from '@plaza/testing';

import { cheatSheet } from './demo/cheat-sheet.ts';
import { printFeedPage } from './demo/feed-page.ts';
import { measureFreshness } from './demo/freshness.ts';
import { loadDemo } from './demo/load.ts';
import { launch } from './launcher/launch.ts';
import { createScreen } from './launcher/screen.ts';
import { onStopSignal } from './launcher/signals.ts';

// npm start: everything on this machine, in one terminal. `--once` checks it all and stops again.
process.exit(
  await launch({
    env: process.env,
    home: process.env['PLAZA_HOME'] || join(ROOT, '.plaza'),
    screen: createScreen(process.stdout),
    once: process.argv.includes('--once'),
    stop: onStopSignal(),
    entryOf,
    demo: { loadDemo, printFeedPage, measureFreshness, cheatSheet },
  }),
);
