import process from 'node:process';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';

import { SERVICES } from '@plaza/testing';

import { allLetters, findLetter, openOffices, redrive, type Letter, type Offices } from './dlq/letters.ts';
import { fateLines, letterLines, listLines } from './dlq/lines.ts';
import { createScreen } from './launcher/screen.ts';
import { onStopSignal } from './launcher/signals.ts';
import { momentOf } from './target/moment.ts';
import { findTarget } from './target/target.ts';
import { runTool, Trouble, type ExitCode } from './target/trouble.ts';

const HELP = `Dead letters: messages that a consumer gave up on, after 5 failures, or 30 of an outage.

  npm run dlq -- list [--json]                 all of them, counted by consumer and reason
  npm run dlq -- show <id>                     what is known of one
  npm run dlq -- redrive <id>                  to its consumer again; tells what became of it
  npm run dlq -- redrive --all [--yes]         all of them; --yes asks nobody
  npm run dlq -- replay <service> --from 2h    all events of a service again since then; consumers pass over what they know

First find out why they died, and mend that: what is broken kills them again. Another Plaza: USER_ADDRESS … FEED_ADDRESS, TOKEN.
Exit codes: 0 done, 1 some are dead still or a service did not answer, 2 asked wrongly, 3 nobody answered in time.
`;

const PATIENCE_MS = 30_000;
const REPLAY_MS = 60_000;
const screen = createScreen(process.stdout);

await runTool(HELP, async (args): Promise<ExitCode> => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { all: { type: 'boolean' }, yes: { type: 'boolean' }, json: { type: 'boolean' }, from: { type: 'string' } },
  });
  const [verb, name] = positionals;
  if (verb === undefined) {
    process.stdout.write(HELP);
    return 0;
  }
  const offices = openOffices(findTarget(process.env), onStopSignal());
  try {
    switch (verb) {
      case 'list':
        return await list(offices, values.json ?? false);
      case 'show':
        for (const line of letterLines(findLetter(await letters(offices), named(name)), Date.now())) screen.line(line);
        return 0;
      case 'redrive':
        return await again(offices, values.all ? undefined : named(name), values.yes ?? false);
      case 'replay':
        return await replay(offices, named(name), values.from);
      default:
        throw new Trouble(`dlq cannot ${verb}`, ['list, show, redrive, replay']);
    }
  } finally {
    offices.close();
  }
});

async function list(offices: Offices, json: boolean): Promise<ExitCode> {
  let silent = 0;
  const found = await letters(offices, () => silent++);
  if (json) for (const { service, letter } of found) screen.line(JSON.stringify({ service, ...letter }));
  else for (const line of listLines(found, Date.now())) screen.line(line);
  return silent > 0 ? 1 : 0;
}

async function again(offices: Offices, id: string | undefined, yes: boolean): Promise<ExitCode> {
  let silent = 0;
  const found = await letters(offices, () => silent++);
  const chosen = id === undefined ? found : [findLetter(found, id)];
  if (chosen.length === 0) {
    screen.line(silent > 0 ? 'no dead letters where it was told' : 'no dead letters');
    return silent > 0 ? 1 : 0;
  }
  if (id === undefined && !yes) await confirm(chosen);
  const bar = screen.bar('redriven', chosen.length);
  const fates = await redrive(offices, chosen, { patienceMs: PATIENCE_MS, tick: () => bar.tick() });
  bar.done();
  for (const line of fateLines(fates)) screen.line(line);
  const isWhole = id !== undefined || silent === 0;
  return isWhole && [...fates.values()].every((fate) => fate === 'handled') ? 0 : 1;
}

async function replay(offices: Offices, name: string, from: string | undefined): Promise<ExitCode> {
  const service = SERVICES.find((one) => one === name);
  if (service === undefined) throw new Trouble(`no service is called ${name}`, [SERVICES.join(', ')]);
  if (from === undefined) throw new Trouble('since when?', ['--from 2h, or --from 2026-01-31T12:00:00Z']);
  const fromTime = new Date(momentOf(from, Date.now()));
  const { replayed } = await offices.of(service).replayEvents(offices.context(REPLAY_MS), { fromTime });
  screen.line(`${replayed} events of ${service} since ${fromTime.toISOString()} were published again`);
  return 0;
}

async function letters(offices: Offices, silent: () => void = () => undefined): Promise<Letter[]> {
  return allLetters(offices, (service, why) => {
    silent();
    process.stderr.write(`${service} does not tell its dead letters: ${why}; npm run doctor\n`);
  });
}

async function confirm(chosen: readonly Letter[]): Promise<void> {
  for (const line of listLines(chosen, Date.now())) screen.line(line);
  if (!process.stdin.isTTY) throw new Trouble(`redrive all ${chosen.length}?`, ['yes: add --yes']);
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await reader.question(`redrive all ${chosen.length}? (yes) `);
  reader.close();
  if (answer !== 'yes') throw new Trouble('nothing was redriven', [], 1);
}

function named(name: string | undefined): string {
  if (name === undefined) throw new Trouble('which?', ['npm run dlq -- list']);
  return name;
}
