import { DynamoDBClient, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { backgroundContext, newId, noMetrics, silentLog } from '@plaza/core';
import { connectDb, type Item } from '@plaza/dynamo';

import { newProduct } from '../../services/product/src/domain/product.ts';
import { projectionOf } from '../../services/product/src/domain/projection.ts';
import { newStock } from '../../services/product/src/domain/stock.ts';
import { productRow } from '../../services/product/src/store/product-rows.ts';
import { projectionRow, wordRows } from '../../services/product/src/store/projection-rows.ts';
import { keys, products as productTable } from '../../services/product/src/store/table.ts';
import type { BenchOptions } from './people.ts';

const VOCABULARY = 20_000;
const NAME_WORDS = 4;
const DESCRIPTION_WORDS = 6;
/** Products whose rows are written together. */
const BATCH = 250;

export interface Catalogue {
  /** The most frequent first. */
  readonly vocabulary: readonly string[];
  readonly names: readonly string[];
  /** A number from 0 to below 1, the same ones in every run. */
  readonly random: () => number;
}

/**
 * A catalogue of products as the service and its consumers would have written it, by the service's own row builders, straight into
 * the table. Words are as frequent as in a language: the first is in every seventh product, half of them in a few dozen.
 */
export const seedCatalogue = async (options: BenchOptions, sellerIds: readonly string[]): Promise<Catalogue> => {
  const { plaza, engines, products, say } = options;
  await keepExpired(engines.dynamodbEndpoint, `${plaza.namespace}-${productTable.name}`);
  const random = mulberry32(42);
  const vocabulary = Array.from({ length: VOCABULARY }, (_, i) => wordOf(i));
  const draw = (count: number) => Array.from({ length: count }, () => vocabulary[zipf(random())]!).join(' ');
  const db = connectDb({
    dynamodbEndpoint: engines.dynamodbEndpoint,
    awsRegion: 'us-east-1',
    awsAccessKeyId: 'product',
    namespace: plaza.namespace,
    log: silentLog,
    metrics: noMetrics,
  });
  const names: string[] = [];
  const start = performance.now();
  let rows = 0;
  for (let made = 0; made < products; made += BATCH) {
    const put: Item[] = [];
    for (let i = made; i < Math.min(products, made + BATCH); i++) {
      const draft = {
        sellerId: sellerIds[i % sellerIds.length]!,
        name: draw(NAME_WORDS),
        description: draw(DESCRIPTION_WORDS),
        category: `category-${i % 40}`,
        price: { currency: 'EUR', minor: 100 + Math.floor(random() * 100_000) },
      };
      const product = newProduct(newId(), draft, Date.now());
      const points = Math.floor(Math.exp(random() * 9)) - 1;
      const projection = projectionOf(product, points, undefined)!;
      const stock = { ...keys.stock(product.productId), ...newStock(product.productId, 10) };
      put.push(productRow(product), stock, projectionRow(projection), ...wordRows(projection));
      names.push(draft.name);
    }
    await db.batchWrite(backgroundContext({ method: 'bench', timeoutMs: 600_000 }), productTable, { put });
    rows += put.length;
    if (made % 10_000 === 0 && made > 0) say(`search: ${made} products, ${seconds(start)} s`);
  }
  db.close();
  say(`search: ${products} products, ${rows} rows, written in ${seconds(start)} s`);
  return { vocabulary, names, random };
};

/** Several times a minute DynamoDB Local looks through a whole table for what has expired, and stands still for so long. */
const keepExpired = async (endpoint: string, table: string): Promise<void> => {
  const credentials = { accessKeyId: 'product', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
  const off = { Enabled: false, AttributeName: 'expiresAt' };
  await client.send(new UpdateTimeToLiveCommand({ TableName: table, TimeToLiveSpecification: off }));
  client.destroy();
};

const seconds = (start: number): string => ((performance.now() - start) / 1_000).toFixed(0);

const SYLLABLES = ['ka', 'te', 'mo', 'ri', 'su', 'la', 'ne', 'do', 'vi', 'pa', 'ze', 'ho', 'bu', 'gi', 'fe', 'xo'];

/** Different for every number, and none of them a stop word; of frequent ones the beginnings are as frequent as in a language. */
const wordOf = (i: number): string => {
  let word = '';
  for (let rest = i + 16; rest > 0; rest = Math.floor(rest / 16)) word += SYLLABLES[rest % 16]!;
  return word;
};

/** Zipf's law with Mandelbrot's shift, without which the first words would be in every second product. */
const zipf = (drawn: number): number => Math.floor(10 * ((VOCABULARY + 10) / 10) ** drawn - 10);

/** Tommy Ettinger's generator, public domain. */
const mulberry32 = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
};
