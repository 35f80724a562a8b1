import { entryOf, spawnService, startEngines, startNats, startRedis, type Engine, type ServiceProcess } from '@plaza/testing';

import { startWorld, type World } from '../world.ts';
import { nameOf, PROXIES, type Cell } from './cells.ts';
import { auditUntil, type Audit } from './order-audit.ts';
import { openShop, work } from './order-work.ts';
import { prepare, type Arena } from './strike.ts';

/** What one cell came to. */
export interface Result {
  readonly fault: string;
  readonly states: Audit['states'];
  /** From the end of the fault until every invariant held, in milliseconds. */
  readonly settledMs: number;
  readonly violations: readonly string[];
}

/** I4: so long after the fault has ended every order is settled. */
const SETTLE_MS = 30_000;

export interface Faults {
  run(cell: Cell): Promise<Result>;
  close(): Promise<void>;
}

/** All of Plaza, with the order service twice, behind proxies that fail at command. NATS and Redis are its own, to be wiped. */
export const startFaults = async (): Promise<Faults> => {
  await using opened = new AsyncDisposableStack();
  const shared = opened.adopt(await startEngines(), (it) => it.close());
  const nats = opened.adopt(await startNats(), (it: Engine) => it.stop());
  const redis = opened.adopt(await startRedis(), (it: Engine) => it.stop());
  const points = new Set<string>();
  const world = opened.adopt(
    await startWorld({
      engines: { dynamodbEndpoint: shared.dynamodbEndpoint, natsUrl: nats.url, redisUrl: redis.url },
      proxies: PROXIES,
      services: ['user', 'product', 'order'],
      env: { SHARE_DELAY_S: '1' },
      log: (_name, line) => {
        if (line.includes('crash_point.reached')) points.add((JSON.parse(line) as { name: string }).name);
      },
    }),
    (it) => it.close(),
  );
  // Whatever the one that is called leaves behind, the other finds.
  const second = await secondOrderService(world);
  opened.defer(async () => void (await second.stop()));
  const arena: Arena = { world, engines: { nats, redis }, reached: (point) => points.has(point) };

  const running = opened.move();
  return {
    run: async (cell) => {
      points.clear();
      const shop = await openShop(world);
      const strike = await prepare(arena, cell);
      const struck = strike().then(() => performance.now());
      const [wishes, over] = await Promise.all([work(world, shop, cell.kind === 'crash'), struck]);
      const { states, violations } = await auditUntil(over + SETTLE_MS, world, shop, wishes);
      const settledMs = Math.round(performance.now() - over);
      const late = settledMs > SETTLE_MS ? [`I4: all was settled only ${settledMs} ms after the fault`] : [];
      return { fault: nameOf(cell), states, settledMs, violations: [...violations, ...late] };
    },
    close: () => running.disposeAsync(),
  };
};

const secondOrderService = ({ plaza }: World): Promise<ServiceProcess> => {
  const env = { ...plaza.envOf('order'), LISTEN: '127.0.0.1:0', ADMIN_LISTEN: '127.0.0.1:0' };
  return spawnService({ name: 'order-2', entry: entryOf('order'), env });
};
