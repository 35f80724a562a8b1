import { readFileSync } from 'node:fs';

import type { Engines, Plaza } from '@plaza/testing';

type Side = 'ours' | 'floor';

/** Linux counts processor time in hundredths of a second. */
const TICK_MS = 10;

/** Processor time of DynamoDB Local and of the services, so that one sees whose work a ratio is. Linux, engines of our own. */
export const cpuMeter = ({ plaza, engines }: { plaza: Plaza; engines: Engines }) => {
  const engine = engines.started.find(({ name }) => name === 'dynamodb')?.pid;
  const services = ['order', 'product', 'user', 'feed-worker', 'feed', 'social-graph'] as const;
  const spent: Record<Side, { engine: number; services: number }> = {
    ours: { engine: 0, services: 0 },
    floor: { engine: 0, services: 0 },
  };
  const now = () => ({
    engine: engine === undefined ? 0 : cpuMs(engine),
    services: services.reduce((sum, name) => sum + cpuMs(plaza.process(name).pid), 0),
  });

  return {
    async during<T>(side: Side, work: () => Promise<T>): Promise<T> {
      const before = now();
      const result = await work();
      const after = now();
      spent[side].engine += after.engine - before.engine;
      spent[side].services += after.services - before.services;
      return result;
    },
    /** @param orders how many each side made */
    report(orders: Record<Side, number>): string {
      const each = (side: Side, of: 'engine' | 'services') => `${(spent[side][of] / orders[side]).toFixed(0)} ms`;
      return (
        `processor time an order: DynamoDB Local ${each('ours', 'engine')} with ours, ${each('floor', 'engine')} with the floor; ` +
        `the services ${each('ours', 'services')}`
      );
    },
  };
};

/** What a process has used since it began, in user and kernel mode. */
const cpuMs = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
};
