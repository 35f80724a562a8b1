import { connect, createServer, type Socket } from 'node:net';

import { freePort } from '../processes/ports.ts';
import { join, type Connection, type Faults } from './connection.ts';
import { http2, pickBy, pickNone, pickNth, turns, type Picker } from './exchange.ts';
import type { Proxy, ProxyOptions } from './types.ts';

/** The same address, login and all, by way of the proxy. */
export const at = (address: string, proxy: Pick<Proxy, 'address'>): string => {
  const url = new URL(address);
  url.host = proxy.address;
  return url.href;
};

/** Opens a proxy on 127.0.0.1. The target need not listen yet: each connection tries anew. */
export const createProxy = async (options: ProxyOptions): Promise<Proxy> => {
  const port = options.port ?? (await freePort());
  const [, host = '127.0.0.1', targetPort = ''] = /^(.*):(\d+)$/.exec(options.target) ?? [];
  const faults: Faults = { latencyMs: 0, blackhole: false, stalled: false };
  let resetting = false;
  let picker: Picker = pickNone;
  let dropped = 0;
  const connections = new Set<Connection>();

  const accept = (client: Socket) => {
    if (resetting) {
      client.on('error', () => undefined);
      client.resetAndDestroy();
      return;
    }
    const exchange = options.protocol === 'http2' ? http2(() => picker) : turns(() => picker);
    const connection: Connection = join({
      client,
      server: connect({ host, port: Number(targetPort), allowHalfOpen: true }),
      faults,
      exchange,
      onDrop: () => dropped++,
      onEnd: () => connections.delete(connection),
    });
    connections.add(connection);
  };
  const server = createServer({ allowHalfOpen: true }, accept);
  const listen = () => new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  const endAll = (reset: boolean) => [...connections].forEach((connection) => connection.end(reset));
  await listen();

  return {
    port,
    address: `127.0.0.1:${port}`,
    latency: (ms) => void (faults.latencyMs = ms),
    blackhole: () => void (faults.blackhole = true),
    stall: () => {
      faults.stalled = true;
      connections.forEach((connection) => connection.stall());
    },
    reset: () => {
      resetting = true;
      endAll(true);
    },
    cut: () => {
      if (server.listening) server.close();
      endAll(false);
    },
    dropReply: (pick) => void (picker = typeof pick === 'number' ? pickNth(pick) : pickBy(pick)),
    get dropped() {
      return dropped;
    },
    heal: () => {
      Object.assign(faults, { latencyMs: 0, blackhole: false, stalled: false } satisfies Faults);
      resetting = false;
      picker = pickNone;
      connections.forEach((connection) => connection.resume());
      if (!server.listening) server.listen(port, '127.0.0.1');
    },
    close: async () => {
      endAll(false);
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
};
