import { SearchProductsRequest, SearchProductsResponse } from '@plaza/proto/plaza/product/v1/product_service';
import type { Plaza } from '@plaza/testing';

import { seedCatalogue, type Catalogue } from './catalogue.ts';
import { startEcho } from './echo.ts';
import { generate } from './generate.ts';
import type { Job, Load } from './generator.ts';
import { createPeople, type Bench, type BenchOptions } from './people.ts';
import { compare, median, type Comparison } from './report.ts';

const SELLERS = 50;
const OF_A_KIND = 10;
const QUERIES_PER_SECOND = 50;
const RPC = 'plaza.product.v1.ProductService/SearchProducts';

interface Wish {
  readonly kind: string;
  readonly query: string;
}

/** SearchProducts by a mix of queries at a constant rate, warm, against an echo of the size of its answers. */
export const benchSearch: Bench = async (options) => {
  options.say(`search: filling the catalogue with ${options.products} products`);
  const sellerIds = await createPeople(options.plaza, SELLERS);
  return measureSearch(options, sellerIds[0]!, await seedCatalogue(options, sellerIds));
};

const measureSearch = async (options: BenchOptions, callerId: string, catalogue: Catalogue): Promise<Comparison> => {
  const { plaza, pairs, products, say } = options;
  const wishes = wishesOf(catalogue);
  const sizes = await priced(plaza, callerId, wishes, say);

  const job: Job = {
    address: plaza.addresses.product,
    path: `/${RPC}`,
    request: wishes.map(({ query }) =>
      Buffer.from(SearchProductsRequest.encode(SearchProductsRequest.fromPartial({ query })).finish()).toString('base64'),
    ),
    token: plaza.keys.userToken(callerId),
    concurrency: 0,
    rate: QUERIES_PER_SECOND,
    // Each query once, so that all products are in the cache.
    warmUpMs: (wishes.length * 1_000) / QUERIES_PER_SECOND,
    durationMs: 10_000,
  };
  const size = Math.round(median(sizes));
  const echo = await startEcho(size);
  const [ours, floor]: [Load[], Load[]] = [[], []];
  for (let pair = 0; pair < pairs; pair++) {
    say(`search: pair ${pair + 1} of ${pairs}`);
    ours.push(await generate(job));
    floor.push(await generate({ ...job, address: echo.address, path: '/floor/Echo', warmUpMs: 500 }));
  }
  echo.stop();
  const about = {
    name: `SearchProducts among ${products}, ${QUERIES_PER_SECOND}/s, warm`,
    unit: 'requests',
    floorName: `grpc-js echo of ${size} bytes`,
  };
  return compare(
    about,
    ours,
    floor,
    [...ours, ...floor].reduce((sum, { errors }) => sum + errors, 0),
  );
};

/** Words from everywhere between those that every seventh product has and those that hardly any has. */
const wishesOf = ({ vocabulary, names, random }: Catalogue): Wish[] => {
  const one = (from: number, to: number) => vocabulary[from + Math.floor(random() * (to - from))]!;
  const common = () => one(0, 20);
  const rare = () => one(5_000, 20_000);
  const kinds: Record<string, () => string> = {
    'a common word': common,
    'an ordinary word': () => one(100, 1_000),
    'a rare word': rare,
    'two common words': () => `${common()} ${common()}`,
    'a common and a rare word': () => `${common()} ${rare()}`,
    'the beginning of a word': () => common().slice(0, 3),
    'a word and a beginning': () => `${one(20, 500)} ${common().slice(0, 3)}`,
    'the name of a product': () => names[Math.floor(random() * names.length)]!,
  };
  return Object.entries(kinds).flatMap(([kind, query]) => Array.from({ length: OF_A_KIND }, () => ({ kind, query: query() })));
};

/** Asks for each alone, says what it cost by its kind, and answers the sizes of the answers. */
const priced = async (
  plaza: Plaza,
  callerId: string,
  wishes: readonly Wish[],
  say: (line: string) => void,
): Promise<number[]> => {
  const costs: { kind: string; rows: number; units: number; found: number; bytes: number }[] = [];
  let before = await spent(plaza);
  for (const { kind, query } of wishes) {
    const answer = await plaza.clients.products.searchProducts(plaza.asUser(callerId), { query });
    const after = await spent(plaza);
    const bytes = SearchProductsResponse.encode(answer).finish().length;
    costs.push({ kind, rows: after.rows - before.rows, units: after.units - before.units, found: answer.products.length, bytes });
    before = after;
  }
  const line = (name: string, of: typeof costs): void => {
    const each = (figure: (cost: (typeof costs)[number]) => number) =>
      `${median(of.map(figure)).toFixed(1)}, at most ${Math.max(...of.map(figure)).toFixed(1)}`;
    say(
      `search: ${name}: rows ${each(({ rows }) => rows)}; read units ${each(({ units }) => units)}; found ${each(({ found }) => found)}`,
    );
  };
  for (const kind of new Set(wishes.map((wish) => wish.kind)))
    line(
      kind,
      costs.filter((cost) => cost.kind === kind),
    );
  line('all', costs);
  return costs.map(({ bytes }) => bytes);
};

/** Rows of the index, and read units of everything, that searches have cost so far. */
const spent = async (plaza: Plaza): Promise<{ rows: number; units: number }> => {
  const answer = await fetch(`http://127.0.0.1:${plaza.process('product').adminPort}/metrics`);
  const lines = (await answer.text()).split('\n').filter((line) => line.includes(`rpc="${RPC}"`));
  const total = (metric: string) =>
    lines.filter((line) => line.startsWith(metric)).reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  return { rows: total('dynamo_query_rows_total'), units: total('dynamo_consumed_capacity_units') };
};
