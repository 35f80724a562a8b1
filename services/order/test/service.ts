import { eventAdminClient, type EventAdminClient, type OrderClients } from '@plaza/clients';
import { backoffMs, isAppError, moneyOf, newId, noMetrics, pause, remainingMs, silentLog, type Context } from '@plaza/core';
import { createDeadLetterStore, createMemoryDb, type Item } from '@plaza/dynamo';
import { createConsumers, type EventType } from '@plaza/events';
import type { Order, OrderState } from '@plaza/proto/plaza/order/v1/order_service';
import type { ReportErasureRequest } from '@plaza/proto/plaza/user/v1/user_service';
import {
  asItself,
  asUser,
  eventually,
  startEngines,
  startEventSource,
  testContext,
  testerBus,
  testKeys,
  uniqueNamespace,
  type EventSource,
} from '@plaza/testing';
import { expect, onTestFinished } from 'vitest';

import type { App } from '../src/app.ts';
import type { OrderConfig } from '../src/config.ts';
import type { Offer } from '../src/domain/new-order.ts';
import { orderTable } from '../src/store/table.ts';
import { createLedger, type Ledger } from './ledger.ts';
import type { Wire } from './peers.ts';
import { clientTo, startReplica, type Replica } from './replica.ts';
import { startStubPeers } from './stub-peers.ts';

export interface Service {
  readonly app: App;
  readonly orders: OrderClients['orders'];
  readonly watchOrder: OrderClients['orders']['watchOrder'];
  readonly carts: OrderClients['carts'];
  /** A caller without patience: each call is sent once. */
  readonly impatient: OrderClients['orders'];
  /** Another process over the same table, namespace and peers. */
  replica(more?: Partial<OrderConfig>): Promise<Replica>;
  readonly admin: EventAdminClient;
  readonly ledger: Ledger;
  /** What the catalogue sells; a test may change it. */
  readonly offers: Offer[];
  /** Buyers whose preference is that their purchases are shared. */
  readonly sharers: Set<string>;
  /** Hears the events of this service as another one would, from the first on; until the service closes. */
  hear<T>(event: EventType<T>, heard: (payload: T) => void): void;
  /** What was reported to the user service. */
  readonly reports: ReportErasureRequest[];
  /** Sessions that are over; all others live. */
  readonly endedSessions: Set<string>;
  /** Publishes what the user service would. */
  readonly userEvents: EventSource;
  /** From now on calls to the peers go this way; without one, straight. */
  route(wire?: Wire): void;
  /** A partition of the table. */
  rowsOf(pk: string): Promise<Item[]>;
  close(): Promise<void>;
}

export const SELLERS = [newId(), newId()];
export const [TEA, CUP, LAST, YEN, POT] = [newId(), newId(), newId(), newId(), newId()];
const eur = (minor: number) => ({ currency: 'EUR', minor });
export const OFFERS = [
  { productId: TEA, sellerId: SELLERS[0]!, name: 'tea', price: eur(700) },
  { productId: CUP, sellerId: SELLERS[1]!, name: 'cup', price: eur(450) },
  { productId: POT, sellerId: SELLERS[1]!, name: 'pot', price: eur(2000) },
  { productId: LAST, sellerId: SELLERS[1]!, name: 'the last one', price: eur(100) },
  { productId: YEN, sellerId: SELLERS[0]!, name: 'yen', price: { currency: 'JPY', minor: 5 } },
];
export const STOCK = { [TEA]: 1000, [CUP]: 1000, [POT]: 1000, [LAST]: 1, [YEN]: 5 };
export const ADDRESS = { name: 'Ada', lines: ['1 Row'], postalCode: 'N1', city: 'London', countryCode: 'GB' };

/** For callers with patience, in milliseconds: a lease and some backoffs fit in. */
export const LONG = 25_000;

/** A new buyer with money. */
export const buyerWith = (ledger: Ledger, minor: number): string => {
  const buyer = newId();
  ledger.balance.set(buyer, minor);
  return buyer;
};

/** What a buyer sends for what is in the cart. */
export const wishOfCart = (userId: string, requestId = newId()) => ({
  userId,
  lines: [],
  fromCart: true,
  shippingAddress: ADDRESS,
  requestId,
});

/** What a buyer sends for one product. */
export const wish = (userId: string, productId: string, quantity: bigint, requestId = newId()) => ({
  userId,
  lines: [{ productId, quantity }],
  shippingAddress: ADDRESS,
  requestId,
});

export const money = (minor: number) => moneyOf(eur(minor));

export const newLedger = (): Ledger => createLedger({ stock: STOCK, money: {} });

/** The service on real engines, with peers over gRPC that keep a ledger. */
export const startService = async (changes: Partial<OrderConfig> = {}): Promise<Service> => {
  await using opened = new AsyncDisposableStack();
  const engines = opened.adopt(await startEngines(), (it) => it.close());
  const ledger = newLedger();
  const offers: Offer[] = [...OFFERS];
  const straight: Wire = async (_name, effect) => effect();
  let wire = straight;
  const reports: ReportErasureRequest[] = [];
  const sharers = new Set<string>();
  const endedSessions = new Set<string>();
  const carry: Wire = (name, effect) => wire(name, effect);
  const peers = await startStubPeers(ledger, offers, carry, reports, sharers, endedSessions);
  const peer = opened.adopt(peers, (it) => it.close());
  const { signingKeys, verifyKeys } = testKeys().keyring;
  const config = asItself<OrderConfig>('order', {
    listen: '127.0.0.1:0',
    adminListen: '127.0.0.1:0',
    allowPlaintext: false,
    reflection: false,
    logLevel: 'silent',
    namespace: uniqueNamespace(),
    createTables: true,
    dynamodbEndpoint: engines.dynamodbEndpoint,
    awsRegion: 'us-east-1',
    awsAccessKeyId: 'order',
    redisUrl: engines.redisUrl,
    natsUrl: engines.natsUrl,
    signingKey: signingKeys['order']!,
    verifyKeys,
    pageSecret: newId(),
    crashAt: undefined,
    userAddress: peer.address,
    productAddress: peer.address,
    rateLimits: 0,
    shareDelayMs: 1000,
    ...changes,
  });
  const { app, orders, carts } = opened.adopt(await startReplica(config), (it) => it.close());
  const admin = opened.adopt(eventAdminClient(clientTo(app)), (it) => it.close());
  const userEvents = opened.adopt(startEventSource({ ...config, owner: 'user' }), (it) => it.close());
  const ears = opened.adopt(testerBus(config), (it) => it.close());
  const hear: Service['hear'] = (event, heard) => {
    const deadLetters = createDeadLetterStore(createMemoryDb(), orderTable);
    const consumers = createConsumers({ bus: ears, service: 'test', deadLetters, log: silentLog, metrics: noMetrics });
    consumers.on(event, { durable: `test-${newId()}`, handle: async (_ctx, payload) => heard(payload) });
    consumers.start();
    listening.push(consumers);
  };
  const listening: { close(): Promise<void> }[] = [];
  opened.defer(async () => void (await Promise.all(listening.map((it) => it.close()))));
  const running = opened.move();
  return {
    sharers,
    hear,
    app,
    orders: patient(orders),
    impatient: orders,
    watchOrder: orders.watchOrder,
    carts: patient(carts),
    replica: (more) => startReplica({ ...config, ...more }),
    admin,
    ledger,
    offers,
    reports,
    endedSessions,
    userEvents,
    route: (next = straight) => (wire = next),
    rowsOf: async (pk) => (await app.db.query(testContext(), orderTable, { pk })).items,
    close: () => running.disposeAsync(),
  };
};

/** A caller as it should be: who hears nothing within the budget, as on a busy machine, sends the same request again. */
export const patient = <C extends object>(client: C): C =>
  new Proxy(client, {
    get: (target, name) => async (ctx: Context, request: object) => {
      const call = Reflect.get(target, name) as (ctx: Context, request: object) => Promise<unknown>;
      for (let attempt = 0; ; attempt++) {
        try {
          return await call(ctx, request);
        } catch (error) {
          const unanswered = isAppError(error) && ['DEADLINE_EXCEEDED', 'UNAVAILABLE', 'ABORTED'].includes(error.code);
          if (!unanswered || remainingMs(ctx) < 200) throw error;
          await pause(backoffMs(attempt, 100, 1000));
        }
      }
    },
  });

/** The same steps in every story of a buyer. */
export const actions = (service: () => Service) => {
  const create = async (buyer: string, request: Parameters<Service['orders']['createOrder']>[1]) =>
    (await service().orders.createOrder(asUser(buyer, LONG), request)).order!;
  const read = async (buyer: string, orderId: string) => (await service().orders.getOrder(asUser(buyer), { orderId })).order!;
  return {
    create,
    read,
    /** An order that stays PENDING until it is let go; at the latest with the test. */
    heldUp: async (buyer: string) => {
      const { promise, resolve: letGo } = Promise.withResolvers<void>();
      service().route(async (name, effect) => {
        if (name === 'ReserveStock') await promise;
        return effect();
      });
      // Answered when it is let go; until then the list has it.
      const created = create(buyer, wish(buyer, TEA, 1n)).catch(() => undefined);
      onTestFinished(async () => {
        letGo();
        await created;
      });
      const orderId = await eventually(async () => {
        const { orders } = await service().orders.listOrders(asUser(buyer), { userId: buyer });
        return orders[0]!.orderId;
      });
      return { orderId, letGo };
    },
    untilState: (buyer: string, orderId: string, state: OrderState): Promise<Order> =>
      eventually(
        async () => {
          const order = await read(buyer, orderId);
          expect(order.state).toBe(state);
          return order;
        },
        { timeoutMs: LONG },
      ),
    /** Until the peers have come to this end: state of the reservation, state of the hold. */
    untilBooked: (orderId: string, ...states: string[]) =>
      eventually(
        () => {
          const { reservations, holds } = service().ledger;
          expect([reservations.get(orderId)?.state, holds.get(orderId)?.state]).toEqual(states);
        },
        { timeoutMs: LONG },
      ),
  };
};

/** What a call was refused with; anything but an AppError is a failed test. */
export const refusal = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => new Error('nothing was refused'),
    (thrown: unknown) => thrown,
  );
  if (!isAppError(error)) throw error;
  return { code: error.code, reason: error.reason, ...error.details };
};
