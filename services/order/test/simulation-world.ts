import { isAppError, newId } from '@plaza/core';
import { createMemoryDb, type Db, type Fault } from '@plaza/dynamo';
import fc from 'fast-check';

import { createLedger, type Ledger, type LedgerOptions } from './ledger.ts';
import { createPeers, peerAway, type Wire } from './peers.ts';
import { createProcess, gatedDb, type Process } from './world.ts';

export const BUYERS = [newId(), newId()] as [string, string];
export const SELLERS = [newId(), newId()] as [string, string];
export const [TEA, CUP] = [newId(), newId()] as [string, string];
export const STOCK = { [TEA]: 2, [CUP]: 3 };
const MONEY = { [BUYERS[0]]: 5000, [BUYERS[1]]: 1500 };
export const ALL_MONEY = 6500;
const OFFERS = [
  { productId: TEA, sellerId: SELLERS[0], name: 'tea', price: { currency: 'EUR', minor: 700 } },
  { productId: CUP, sellerId: SELLERS[1], name: 'cup', price: { currency: 'EUR', minor: 450 } },
];
/** The test's own reads see no faults. */
const LOOKING = 'plaza.test/Test';
/** Longer than any lease or backoff. */
const LATER_MS = 20_000;
/** Where a seller's money is that it has spent. */
const ELSEWHERE = 'elsewhere';

const storeFault = fc.option(fc.constantFrom<Fault>('conflict', 'lost-reply', 'unreachable'), { nil: undefined, freq: 5 });
/** late: the caller hears that the peer is away, and the effect comes after all, at any later time. */
const wireFault = fc.option(fc.constantFrom('lost-reply' as const, 'unreachable' as const, 'late' as const), {
  nil: undefined,
  freq: 5,
});
/** After so many passages through its gates a process is killed. */
export const life = fc.option(fc.nat({ max: 80 }), { nil: Number.POSITIVE_INFINITY, freq: 2 });
export const trouble = fc.record({
  storeFaults: fc.array(storeFault, { maxLength: 30 }),
  wireFaults: fc.array(wireFault, { maxLength: 30 }),
});
export const NO_TROUBLE = { storeFaults: [], wireFaults: [] };
export type Trouble = typeof trouble extends fc.Arbitrary<infer T> ? T : never;

/** How many turns of the others an act waits, so that it comes into the middle of what they do. */
export const delay = fc.oneof(fc.constant(0), fc.nat({ max: 40 }));

export const disturbance = fc.record({
  kind: fc.constant('disturb' as const),
  delay,
  by: fc.constantFrom('poll' as const, 'expire' as const, 'later' as const, 'spend' as const, 'earn' as const),
});
export type Disturbance = typeof disturbance extends fc.Arbitrary<infer T> ? T : never;

/** Seeded bugs of the peers, to see that the checks would find them. */
export type Flaws = Pick<LedgerOptions, 'noTombstones' | 'noVerdicts'>;

export type Scheduler = ReturnType<typeof fc.scheduler> extends fc.Arbitrary<infer T> ? T : never;

export type Mortal = Process & { readonly dead: Promise<'dead'> };

export interface SimulatedWorld {
  readonly db: Db;
  readonly ledger: Ledger;
  /** Waits for so many turns of the others, and one. */
  readonly turns: (count: number) => Promise<void>;
  /** A process that dies after so many passages. */
  start(passages: number): Mortal;
  /** From now on these faults befall calls, one after the other. */
  befall(trouble: Trouble): void;
  disturb(by: Disturbance['by'], process: Mortal): Promise<void>;
  /** Faults are over: a process starts anew, time passes, and what was late comes. */
  settle(): Promise<void>;
}

export const createSimulatedWorld = (scheduler: Scheduler, flaws: Flaws = {}): SimulatedWorld => {
  let storeFaults: Trouble['storeFaults'] = [];
  let wireFaults: Trouble['wireFaults'] = [];
  const ledger = createLedger({ stock: STOCK, money: MONEY, ...flaws });
  const late: Promise<unknown>[] = [];
  let quiet = false;
  let clock = 1_000_000;
  const now = () => clock;
  const db = createMemoryDb({ faults: ({ method }) => (quiet || method === LOOKING ? undefined : storeFaults.shift()) });

  const start = (passages: number): Mortal => {
    let left = passages;
    let die = (): void => undefined;
    const dead = new Promise<'dead'>((resolve) => (die = () => resolve('dead')));
    const gate = async (name: string): Promise<void> => {
      await scheduler.schedule(Promise.resolve(), name);
      if (left-- > 0) return;
      die();
      await new Promise(() => undefined);
    };
    const wire: Wire = async (name, effect) => {
      await gate(`before ${name}`);
      // Losing the catalogue loses nothing else.
      const fault = quiet || name === 'BatchGetProducts' ? undefined : wireFaults.shift();
      if (fault === 'unreachable') throw peerAway();
      if (fault === 'late') {
        late.push(scheduler.schedule(Promise.resolve(), `late ${name}`).then(() => attempt(effect)));
        throw peerAway();
      }
      const answer = effect();
      if (fault === 'lost-reply') throw peerAway();
      await gate(`after ${name}`);
      return answer;
    };
    return { ...createProcess({ db: gatedDb(db, gate), peers: createPeers(ledger, OFFERS, wire), now }), dead };
  };

  const carry = (from: string, to: string): void => {
    const { balance } = ledger;
    balance.set(to, (balance.get(to) ?? 0) + (balance.get(from) ?? 0));
    balance.set(from, 0);
  };
  const recover = async (survivor: Mortal) => {
    for (let round = 0, due = 1; round < 12 && due > 0; round++) {
      clock += LATER_MS;
      due = await survivor.driver.poll();
    }
  };

  return {
    db,
    ledger,
    async turns(count) {
      for (let left = count; left >= 0; left--) await scheduler.schedule(Promise.resolve(), 'wait');
    },
    start,
    befall(trouble) {
      storeFaults = [...trouble.storeFaults];
      wireFaults = [...trouble.wireFaults];
    },
    async disturb(by, process) {
      if (by === 'expire') ledger.expire();
      if (by === 'later') clock += LATER_MS;
      if (by === 'spend') carry(SELLERS[0], ELSEWHERE);
      if (by === 'earn') carry(ELSEWHERE, SELLERS[0]);
      if (by === 'poll') await Promise.race([attempt(() => process.driver.poll()), process.dead]);
    },
    async settle() {
      quiet = true;
      const survivor = start(Number.POSITIVE_INFINITY);
      await scheduler.waitFor(Promise.all([recover(survivor), ...late]));
      await scheduler.waitFor(Promise.all([recover(survivor), ...late]));
    },
  };
};

/** Refusals and unknown outcomes are ends like others; anything else is a defect. */
export const attempt = async <T>(work: () => T | Promise<T>): Promise<T | undefined> => {
  try {
    return await work();
  } catch (error) {
    if (!isAppError(error)) throw error;
    return undefined;
  }
};
