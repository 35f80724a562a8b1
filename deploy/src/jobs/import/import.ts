import { join } from 'node:path';

import { adminClient, type AdminClient, type Peer } from '../admin-client.ts';
import { stableId } from '../stable-id.ts';
import type { Job } from '../run-job.ts';
import { sendBatch, type BatchRpc, type Item } from './batch.ts';
import type { ImportConfig } from './config.ts';
import { importFollows } from './follows.ts';
import { batches, linesOf, type Line } from './lines.ts';
import { createPeople, type People } from './people.ts';
import { createProgress, type Progress } from './progress.ts';

/** The Batch RPCs' limit. */
const BATCH = 25;

const USERS: BatchRpc = { method: 'BatchCreateUsers', items: 'users', item: 'user' };
const PRODUCTS: BatchRpc = { method: 'BatchCreateProducts', items: 'products', item: 'product' };

/**
 * Imports people, then products, then follows. Every line has a request_id that follows from the import's name and the line's place,
 * so a run that broke off is simply repeated, within the 48 hours for which services remember them. Answers how many lines were refused.
 */
export const runImport = async (job: Job, config: ImportConfig): Promise<number> => {
  const to = (service: Peer['service'], api: string, address: string) => adminClient(config, job, { service, api, address });
  const users = to('user', 'plaza.user.v1.UserService', config.userAddress);
  const products = to('product', 'plaza.product.v1.ProductService', config.productAddress);
  const graph = to('social-graph', 'plaza.graph.v1.SocialGraphService', config.graphAddress);
  const progress = createProgress(job.log);
  const people = createPeople(job, users);
  const pathOf = (kind: string) => join(config.folder, `${kind}.jsonl`);
  try {
    await importUsers(job, { users, people, progress }, { path: pathOf('users'), name: config.name });
    await importProducts(job, { products, people, progress }, { path: pathOf('products'), name: config.name });
    await importFollows(job, { graph, people, progress }, { path: pathOf('follows'), name: config.name });
    return progress.failures();
  } finally {
    for (const client of [users, products, graph]) client.close();
  }
};

interface Source {
  readonly path: string;
  readonly name: string;
}

/** Lines are CreateUserRequests. */
const importUsers = async (
  job: Job,
  { users, people, progress }: { users: AdminClient; people: People; progress: Progress },
  { path, name }: Source,
): Promise<void> => {
  const requestOf = async (line: Line): Promise<Item> => ({
    line,
    request: { ...line.value, requestId: stableId(`${name}:users:${line.number}`) },
  });
  await sendAll(job, users, USERS, { path, progress, requestOf }, ({ username, userId }) =>
    people.know(String(username), String(userId)),
  );
};

/** Lines are CreateProductRequests that may name their `seller` by username. */
const importProducts = async (
  job: Job,
  { products, people, progress }: { products: AdminClient; people: People; progress: Progress },
  { path, name }: Source,
): Promise<void> => {
  const requestOf = async (line: Line): Promise<Item | undefined> => {
    const { seller, ...value } = line.value;
    const sellerId = typeof seller === 'string' ? await people.idOf(seller) : value['sellerId'];
    if (sellerId !== undefined)
      return { line, request: { ...value, sellerId, requestId: stableId(`${name}:products:${line.number}`) } };
    progress.refused('products', { line: line.number, reason: 'USER_NOT_FOUND', who: 'seller' });
    return undefined;
  };
  await sendAll(job, products, PRODUCTS, { path, progress, requestOf }, () => undefined);
};

const sendAll = async (
  job: Job,
  client: AdminClient,
  rpc: BatchRpc,
  from: { path: string; progress: Progress; requestOf: (line: Line) => Promise<Item | undefined> },
  made: (thing: Readonly<Record<string, unknown>>) => void,
): Promise<void> => {
  const { path, progress, requestOf } = from;
  for await (const lines of batches(linesOf(path), BATCH)) {
    if (job.stop.aborted) return;
    const items = (await Promise.all(lines.map(requestOf))).filter((item) => item !== undefined);
    const outcomes = items.length === 0 ? [] : await sendBatch(job, client, rpc, items);
    for (const [i, outcome] of outcomes.entries()) {
      if ('made' in outcome) made(outcome.made);
      else progress.refused(rpc.items, { line: items[i]!.line.number, reason: outcome.reason });
    }
    progress.reached(rpc.items, lines.at(-1)!.number);
  }
};
