import { readFileSync } from 'node:fs';
import process from 'node:process';
import { parseArgs } from 'node:util';

import { measuredCapacity } from './cost/capacity.ts';
import { billOf, unknownCalls } from './cost/cost.ts';
import { billLines } from './cost/lines.ts';
import { USAGE, type Usage } from './cost/usage.ts';
import { runTool, Trouble } from './target/trouble.ts';

const HELP = `What Plaza consumes and costs in DynamoDB: per RPC, behind its answer, and a month of its users.

  npm run cost -- --users 1000                     a month of a thousand people
  npm run cost -- --users 50000 --json             for a program
  npm run cost -- --users 1000 --usage mine.json   another idea of what people do: {"calls":{"PostService/Like":20},"peak":5}

The capacity is measured by tests (services/*/README.md), prices are in tools/src/cost/prices.ts, and what people do in usage.ts.
Exit codes: 0 told, 2 asked wrongly.
`;

await runTool(HELP, async (args) => {
  if (args.length === 0) {
    process.stdout.write(HELP);
    return 0;
  }
  const { values } = parseArgs({
    args,
    options: { users: { type: 'string', default: '1000' }, usage: { type: 'string' }, json: { type: 'boolean' } },
  });
  const users = Number(values.users);
  if (!Number.isInteger(users) || users < 1) throw new Trouble(`no number of users: ${values.users}`, ['--users 1000']);
  const usage = values.usage === undefined ? USAGE : laidOver(values.usage);
  const measured = measuredCapacity();
  const unknown = unknownCalls(measured, usage);
  if (unknown.length > 0)
    throw new Trouble(`no RPC is measured as ${unknown.join(', ')}`, ['services/*/README.md have the names']);
  const bill = billOf(measured, usage, users);
  for (const line of values.json ? [JSON.stringify(bill)] : billLines(bill)) process.stdout.write(`${line}\n`);
  return 0;
});

function laidOver(path: string): Usage {
  try {
    const given = JSON.parse(readFileSync(path, 'utf8')) as Partial<Usage>;
    const { calls, ...rest } = { ...USAGE, ...given, calls: { ...USAGE.calls, ...given.calls } };
    const wrong = Object.entries({ ...rest, ...calls }).find(([name, n]) => !(name in { ...USAGE, ...calls }) || !(n >= 0));
    if (wrong) throw new Error(`${wrong[0]} is nothing of it, or no number`);
    return { ...rest, calls };
  } catch (error) {
    throw new Trouble(`${path} cannot be read: ${(error as Error).message}`, ['JSON as usage.ts has it']);
  }
}
