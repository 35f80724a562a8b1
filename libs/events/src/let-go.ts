import { createConnection } from 'node:net';

import { NodeTransport } from 'nats/lib/src/node_transport.js';

/**
 * Without this, nats.js 2 forgets the socket of an attempt to connect that ran out of time (nats-io/nats.js#64, mended in 3.0).
 * A server that stands still accepts connections all the same, by its kernel: once it goes on, each attempt of that time
 * becomes a connection that nobody reads, which keeps the process from ending; and when the server gives it up minutes later,
 * the client takes that for the end of the connection in use.
 */
export const letGoOfFailedAttempts = (): void => {
  const close = Reflect.get(NodeTransport.prototype, 'close') as (this: NodeTransport, error?: Error) => Promise<void>;

  /** As the original, but the socket is known from the start and not only once it is connected. */
  NodeTransport.prototype.dial = function ({ hostname, port }) {
    const socket = createConnection({ host: hostname, port, noDelay: true });
    this.socket = socket;
    return new Promise((resolve, reject) => {
      let failure: Error | undefined;
      socket.once('error', (error) => {
        failure = error;
      });
      socket.once('close', () => reject(failure ?? new Error('given up')));
      socket.once('connect', () => {
        socket.removeAllListeners();
        resolve(socket);
      });
    });
  };

  NodeTransport.prototype.close = function (error) {
    if (!this.connected) this.socket?.destroy();
    return close.call(this, error);
  };
};
