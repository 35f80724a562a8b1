import process from 'node:process';
import { parseArgs } from 'node:util';

import { pause } from '@plaza/core';

import { examine, verdictOf } from './doctor/doctor.ts';
import { lineOf } from './doctor/finding.ts';
import { onStopSignal } from './launcher/signals.ts';
import { findTarget } from './target/target.ts';
import { runTool, type ExitCode } from './target/trouble.ts';

const HELP = `Looks at this machine, the engines, the tables, the processes and what waits in them, and says what helps.

  npm run doctor                   once
  npm run doctor -- --watch        every 10 s, what is not well, until Ctrl-C
  npm run doctor -- --json         a finding a line

✓ well   ! doubtful   ✗ ill, each with the one command or runbook that helps. It needs nothing of Plaza to be there.
Another Plaza: USER_ADDRESS … FEED_ADDRESS, USER_ADMIN … FEED_WORKER_ADMIN (admin ports), TOKEN, DYNAMODB_ENDPOINT or AWS_REGION,
REDIS_URL, NATS_URL, NAMESPACE. Exit codes: 0 nothing is ill, 1 something is.
`;

const EVERY_MS = 10_000;

await runTool(HELP, async (args): Promise<ExitCode> => {
  const { values } = parseArgs({
    args,
    options: { once: { type: 'boolean' }, watch: { type: 'boolean' }, json: { type: 'boolean' } },
  });
  const stop = onStopSignal();
  const say = (line: string) => process.stdout.write(`${line}\n`);
  for (;;) {
    const findings = await examine(findTarget(process.env), process.env, stop);
    const told = values.watch ? findings.filter(({ kind }) => kind !== 'well') : findings;
    for (const finding of told) say(values.json ? JSON.stringify(finding) : lineOf(finding));
    if (!values.json) say(`${values.watch ? `${new Date().toISOString()}  ` : ''}${verdictOf(findings)}`);
    if (values.watch) await pause(EVERY_MS, stop);
    if (!values.watch || stop.aborted) return findings.some(({ kind }) => kind === 'ill') ? 1 : 0;
  }
});
