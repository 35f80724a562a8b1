import { parseArgs } from 'node:util';

import { startEngines, startPlaza, uniqueNamespace } from '@plaza/testing';

import { benchCheckVisibility } from './check-visibility.ts';
import { benchCreateOrder } from './create-order.ts';
import { benchFanOut } from './fan-out.ts';
import { benchFlashSale } from './flash-sale.ts';
import { benchHomeFeed } from './home-feed.ts';
import { benchLoginFlood } from './login-flood.ts';
import { tableOf, type Comparison } from './report.ts';
import { benchSearch } from './search.ts';

const BENCHES = {
  'home-feed': benchHomeFeed,
  'fan-out': benchFanOut,
  'create-order': benchCreateOrder,
  'login-flood': benchLoginFlood,
  'flash-sale': benchFlashSale,
  'check-visibility': benchCheckVisibility,
  search: benchSearch,
};
/** Takes ten minutes, nearly all of them to fill the catalogue: only by name. */
const SLOW = 'search';

/**
 * Ours beside a floor, in one run on one machine: the least work that the same library or engine can do for the same result.
 * Absolute figures mean little on a shared machine; the ratios are the result. Exits 1 if any call failed.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    pairs: { type: 'string', default: '5' },
    only: { type: 'string', multiple: true, default: Object.keys(BENCHES).filter((name) => name !== SLOW) },
    products: { type: 'string', default: '100000' },
  },
});
const [pairs, products] = [Number(values.pairs), Number(values.products)];
const unknown = values.only.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(`there is no ${unknown.join(', ')}; --only takes ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}
// With --json, standard output carries the JSON alone.
const say = (line: string) => (values.json ? console.error(line) : console.log(line));

const engines = await startEngines({ report: ({ text, ms }) => say(`  ${text} (${ms} ms)`) });
const plaza = await startPlaza({ engines, namespace: uniqueNamespace() });
let failures = 0;
try {
  const comparisons: Comparison[] = [];
  for (const [name, bench] of Object.entries(BENCHES))
    if (values.only.includes(name)) comparisons.push(...[await bench({ plaza, engines, pairs, products, say })].flat());
  failures = comparisons.reduce((sum, comparison) => sum + comparison.errors, 0);
  if (values.json) console.log(JSON.stringify({ node: process.version, pairs, comparisons }, null, 2));
  else console.log(tableOf(comparisons));
} finally {
  await plaza.close();
  await engines.close();
}
if (failures > 0) {
  console.error(`${failures} calls failed: these figures do not count`);
  process.exitCode = 1;
}
