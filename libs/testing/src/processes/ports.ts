import { createServer } from 'node:net';

/** Whether nobody listens there now. */
export const isFreePort = (port: number, host = '127.0.0.1'): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });

const FIRST = 20_000;
const LAST = 31_999;
const given = new Set<number>();

/**
 * A port that nobody listens on, and that this process was not given before. It lies below the range from which the kernel
 * takes the ports of outgoing connections, so that a server which restarts finds it free again.
 */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if (given.has(port)) continue;
    given.add(port);
    if (await isFreePort(port)) return port;
  }
};
