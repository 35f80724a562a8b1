import { setTimeout as pause } from 'node:timers/promises';

import { credentials, Metadata, status, type Client } from '@grpc/grpc-js';
import { newId } from '@plaza/core';
import { Status } from '@plaza/proto/google/rpc/status';
import { ReserveStockRequest } from '@plaza/proto/plaza/product/v1/inventory_service';

import { decodeStatus } from '@plaza/rpc';

import { rawClient } from './raw-client.ts';

/**
 * Buyers of one product, a process of their own. Each wants one unit under an order id of its own, and comes back when it is told that
 * there are too many, until it is told yes or no. Reads its job from argv, writes its result to standard output as JSON.
 */
export interface Sale {
  readonly address: string;
  /** Of the order service. */
  readonly token: string;
  readonly productId: string;
  readonly attempts: number;
  readonly concurrency: number;
}

export interface SaleResult {
  readonly reserved: number;
  readonly refused: number;
  /** Answers that asked a buyer to come back: the product's line was full, or the server was. */
  readonly busy: number;
  readonly overloaded: number;
  readonly timedOut: number;
  readonly failed: number;
  readonly seconds: number;
}

const sale = JSON.parse(process.argv[2]!) as Sale;
const PATH = '/plaza.product.v1.InventoryService/ReserveStock';
const Raw = rawClient(PATH);
const metadata = new Metadata();
metadata.set('authorization', `Bearer ${sale.token}`);
const clients = [0, 1].map(() => new Raw(sale.address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 }));
const raw = (bytes: Buffer) => bytes;

/** The status code, whether the product was busy, and when to come back if it was, or the server. */
const ask = (client: Client, request: Buffer) =>
  new Promise<{ code: number; busy: boolean; retryAfterMs: number }>((resolve) => {
    const options = { deadline: Date.now() + 5_000 };
    client.makeUnaryRequest(PATH, raw, raw, request, metadata, options, (error) => {
      const [details] = error?.metadata?.get('grpc-status-details-bin') ?? [];
      const code = error?.code ?? status.OK;
      if (code !== status.RESOURCE_EXHAUSTED || !Buffer.isBuffer(details))
        return resolve({ code, busy: false, retryAfterMs: 500 });
      const { reason, details: more } = decodeStatus(Status.decode(details));
      resolve({ code, busy: reason === 'PRODUCT_BUSY', retryAfterMs: more.retryAfterMs ?? 500 });
    });
  });

const counts = { reserved: 0, refused: 0, busy: 0, overloaded: 0, timedOut: 0, failed: 0 };
let next = 0;

const buy = async (client: Client): Promise<void> => {
  const lines = [{ productId: sale.productId, quantity: 1n }];
  const wish = ReserveStockRequest.fromPartial({ orderId: newId(), lines, ttlSeconds: 3600, requestId: newId() });
  const request = Buffer.from(ReserveStockRequest.encode(wish).finish());
  for (;;) {
    const { code, busy, retryAfterMs } = await ask(client, request);
    if (code === status.OK) counts.reserved++;
    else if (code === status.FAILED_PRECONDITION) counts.refused++;
    else if (code === status.DEADLINE_EXCEEDED) counts.timedOut++;
    else if (code !== status.RESOURCE_EXHAUSTED) counts.failed++;
    else {
      if (busy) counts.busy++;
      else counts.overloaded++;
      await pause(retryAfterMs);
      continue;
    }
    return;
  }
};

const start = performance.now();
const lane = async (client: Client) => {
  while (next++ < sale.attempts) await buy(client);
};
await Promise.all(Array.from({ length: sale.concurrency }, (_, i) => lane(clients[i % clients.length]!)));
const result: SaleResult = { ...counts, seconds: (performance.now() - start) / 1_000 };
for (const client of clients) client.close();
process.stdout.write(JSON.stringify(result));
