import { newId } from '@plaza/core';
import { asUser, createProxy, startEngines, type Engines, type Proxy } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { people } from './builders.ts';
import { auditTransfers, auditWallets, everCredited } from './money-audit.ts';
import { startService, type Service } from './service.ts';

const WALLETS = 20;
const EUROS = 20;
/** One engine commits 60 a second on two busy cores; the simulation beside races ten thousand. RACING_TRANSFERS=10000 for a long run. */
const TRANSFERS = Number(process.env['RACING_TRANSFERS']) || 800;
const PATIENCE_MS = 60_000;

let engines: Engines;
/** Between the service and its table. */
let proxy: Proxy;
let service: Service;
beforeAll(async () => {
  engines = await startEngines();
  proxy = await createProxy({ target: new URL(engines.dynamodbEndpoint).host });
  service = await startService({ dynamodbEndpoint: `http://${proxy.address}` });
});
afterAll(async () => {
  await service?.close();
  await proxy?.close();
  await engines?.close();
});

test(
  'money is conserved while transfers race and a tenth of the commits is never confirmed',
  { timeout: 1_200_000 },
  async () => {
    const crowd = await people(service, WALLETS, EUROS);
    const wishes = Array.from({ length: TRANSFERS }, () => wish(crowd));
    dropCommits(proxy);

    // As many at a time as there are wallets; every fifth is asked for twice at the same moment.
    const made = new Map<Wish, string>();
    const race = async (lane: number) => {
      for (let i = lane; i < wishes.length; i += WALLETS) {
        const asked = wishes[i]!;
        const ends = await Promise.all(Array.from({ length: i % 5 === 0 ? 2 : 1 }, () => end(asked)));
        // A refusal changes nothing and is not remembered: the twin may find money that came in between.
        const ids = new Set(ends.filter((transferId) => transferId !== undefined));
        expect(ids.size).toBeLessThanOrEqual(1);
        for (const transferId of ids) made.set(asked, transferId);
      }
    };
    await Promise.all(crowd.map((_, lane) => race(lane)));
    expect(proxy.dropped).toBeGreaterThan(TRANSFERS / 20);
    proxy.heal();

    const credited = 100 * EUROS * WALLETS;
    expect(await auditWallets(service.app.db, crowd, [])).toBe(credited);
    expect(await everCredited(service.app.db)).toBe(credited);
    expect((await auditTransfers(service.app.db, crowd)).toSorted()).toEqual([...made.values()].toSorted());
    expect(made.size).toBeGreaterThan(TRANSFERS / 2);

    // Much later, whatever became of the wallets, a repetition gets the first answer and moves nothing.
    const again = [...made].filter((_, i) => i % 20 === 0);
    for (const [asked, transferId] of again) expect(await end(asked)).toBe(transferId);
    expect(await auditTransfers(service.app.db, crowd)).toHaveLength(made.size);
  },
);

type Wish = ReturnType<typeof wish>;

/** Between a cent and five euros, from one to another. */
const wish = (crowd: readonly string[]) => {
  const [from, step, minor] = [dice(WALLETS), 1 + dice(WALLETS - 1), 1 + dice(500)];
  const amount = { currencyCode: 'EUR', units: BigInt(Math.trunc(minor / 100)), nanos: (minor % 100) * 10_000_000 };
  return { fromUserId: crowd[from]!, toUserId: crowd[(from + step) % WALLETS]!, amount, note: '', requestId: newId() };
};

const dice = (sides: number): number => Math.floor(Math.random() * sides);

/** The transfer's id; undefined if there was too little. */
const end = async (asked: Wish): Promise<string | undefined> => {
  try {
    const { transfer } = await service.wallets.transferBalance(asUser(asked.fromUserId, PATIENCE_MS), asked);
    return transfer!.transferId;
  } catch (error) {
    expect(error).toMatchObject({ reason: 'INSUFFICIENT_FUNDS' });
    return undefined;
  }
};

/** Of each tenth transaction the reply is lost: of every other one the first reply, of the rest each reply, until the service gives up. */
const dropCommits = (to: Proxy): void => {
  const dropped = new Set<string>();
  to.dropReply((request) => {
    const token = /"ClientRequestToken":"(\w+)/.exec(request.toString('latin1'))?.[1];
    if (token === undefined || !request.includes('TransferBalance') || parseInt(token, 16) % 10 > 0) return false;
    if (parseInt(token, 16) % 20 === 0 && dropped.has(token)) return false;
    dropped.add(token);
    return true;
  });
};
