import { parseArgs } from 'node:util';

import { nameOf, orderCells } from './cells.ts';
import { startFaults, type Result } from './run.ts';

/**
 * npm run faults -- order: every fault of the matrix, one after the other, while orders are under way; a table, or --json. Exits 1
 * if an invariant did not hold. --only takes a part of a fault's name, --runs repeats each.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: '' },
    runs: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
if (positionals.length !== 1 || positionals[0] !== 'order') {
  console.error('usage: npm run faults -- order [--only <part of a name>] [--runs <n>] [--json]');
  process.exit(2);
}
const cells = orderCells().filter((cell) => nameOf(cell).includes(values.only));
if (cells.length === 0) {
  console.error(`no fault is called ${values.only}; there are\n${orderCells().map(nameOf).join('\n')}`);
  process.exit(2);
}

/** With --json, standard output carries the JSON alone. */
const say = (line: string) => (values.json ? console.error(line) : console.log(line));
const rowOf = ({ fault, states, settledMs, violations }: Result): string =>
  [
    fault.padEnd(40),
    Object.entries(states)
      .map(([state, count]) => `${count} ${state}`)
      .join(', ')
      .padEnd(36),
    `${(settledMs / 1000).toFixed(1)} s`.padStart(8),
    violations.length === 0 ? '      –' : String(violations.length).padStart(7),
  ].join('  ');

say(`${'fault'.padEnd(40)}  ${'orders'.padEnd(36)}  ${'settled'.padStart(8)}  violations`);
const results: Result[] = [];
const faults = await startFaults();
try {
  for (let run = 0; run < Number(values.runs); run++)
    for (const cell of cells) {
      const result = await faults.run(cell);
      results.push(result);
      say(rowOf(result));
      for (const violation of result.violations) say(`    ${violation}`);
    }
} finally {
  await faults.close();
}
const violations = results.reduce((sum, result) => sum + result.violations.length, 0);
if (values.json) console.log(JSON.stringify({ node: process.version, results }, null, 2));
say(
  `\n${results.length} runs, ${violations} violations, settled after ${Math.max(...results.map((r) => r.settledMs)) / 1000} s at most`,
);
process.exitCode = violations === 0 ? 0 : 1;
