import process from 'node:process';
import { parseArgs } from 'node:util';

import { SERVICES } from '@plaza/testing';

import { onStopSignal } from './launcher/signals.ts';
import { lineOf, told } from './tail/line.ts';
import { tailEvents } from './tail/tail.ts';
import { momentOf } from './target/moment.ts';
import { findTarget } from './target/target.ts';
import { runTool, Trouble } from './target/trouble.ts';

const HELP = `Tells events as they are published, until Ctrl-C: when, what, about whom, what it says, and in which trace.

  npm run tail -- --all                                  those of every service, from now on
  npm run tail -- --service order --since 10m            those of one service, and those of the last ten minutes first
  npm run tail -- --type OrderPaid --json                one kind, a JSON object a line
  npm run tail -- --about 01J… --since 7d                all that happened to one order, post, user …

  --show-personal   also fields that the contract marks as personal, such as e-mail addresses

It reads beside all consumers and takes nothing from them. Events are kept for 7 days. Another Plaza: NATS_URL, NATS_CREDS_FILE and
NAMESPACE as the services have them. Exit codes: 0 stopped, 2 asked wrongly.
`;

await runTool(HELP, async (args) => {
  if (args.length === 0) {
    process.stdout.write(HELP);
    return 0;
  }
  const { values } = parseArgs({
    args,
    options: {
      all: { type: 'boolean' },
      service: { type: 'string' },
      type: { type: 'string' },
      about: { type: 'string' },
      since: { type: 'string' },
      json: { type: 'boolean' },
      'show-personal': { type: 'boolean', default: false },
    },
  });
  const services = SERVICES.filter((name) => values.service === undefined || name === values.service);
  if (services.length === 0) throw new Trouble(`no service is called ${values.service}`, [SERVICES.join(', ')]);
  await tailEvents({
    target: findTarget(process.env),
    services,
    type: values.type,
    about: values.about,
    from: values.since === undefined ? undefined : momentOf(values.since, Date.now()),
    stop: onStopSignal(),
    hear: (event) => {
      const line = told(event, { showPersonal: values['show-personal'] });
      process.stdout.write(`${values.json ? JSON.stringify(line) : lineOf(line)}\n`);
    },
    remark: (line) => process.stderr.write(`${line}\n`),
  });
  return 0;
});
