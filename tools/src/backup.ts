import process from 'node:process';
import { parseArgs } from 'node:util';

import { backgroundContext } from '@plaza/core';

import { openTables } from './backup/tables.ts';
import { countTables, exportTables, importTables } from './backup/work.ts';
import { createScreen } from './launcher/screen.ts';
import { onStopSignal } from './launcher/signals.ts';

// npm run backup -- export <dir> | import <dir> | count: the tables of truth into files, and back. A folder that is left half done goes
// on with the tables that it lacks.
const USAGE = `npm run backup -- export <dir>
npm run backup -- import <dir> [--create-tables] [--into-rows]
npm run backup -- count

  --aws             DynamoDB itself, with the credentials of the environment; else DYNAMODB_ENDPOINT
  --create-tables   import: makes the tables that are missing
  --into-rows       import: also into a table that has rows, which are overwritten where the files have them too
Environment: DYNAMODB_ENDPOINT, AWS_REGION, NAMESPACE, TABLE_NAMES (as the services have them).`;

const DAY_MS = 24 * 3600 * 1000;

const { values, positionals } = parseArgs({
  options: {
    aws: { type: 'boolean', default: false },
    'create-tables': { type: 'boolean', default: false },
    'into-rows': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const screen = createScreen(process.stdout);
const [verb, folder] = positionals;
const known = verb === 'count' || ((verb === 'export' || verb === 'import') && folder !== undefined);
const endpoint = values.aws ? undefined : process.env['DYNAMODB_ENDPOINT'];
if (values.help || !known || (endpoint === undefined && !values.aws)) {
  screen.line(known && !values.help ? `where? DYNAMODB_ENDPOINT, or --aws\n\n${USAGE}` : USAGE);
  process.exit(values.help ? 0 : 2);
}

const tables = openTables(process.env, endpoint);
const run = {
  tables: tables.all,
  ctx: backgroundContext({ method: 'plaza.tools/Backup', timeoutMs: DAY_MS, signal: onStopSignal() }),
  screen,
};
let ok = false;
try {
  if (verb === 'export') await exportTables(run, folder!);
  else if (verb === 'import')
    await importTables(run, folder!, { createTables: values['create-tables'], intoRows: values['into-rows'] });
  else await countTables(run);
  ok = true;
} catch (error) {
  screen.forgetBars();
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
}
tables.close();
process.exit(ok ? 0 : 1);
