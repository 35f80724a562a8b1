import { ServerCredentials, type Server } from '@grpc/grpc-js';

/** Where a server takes connections from. */
export interface Listener {
  readonly port: number;
  /** Takes no more of them; resolves when those that it took have ended, unless the server sees to that. */
  close(): Promise<void>;
}

/** @throws Error if the address is taken */
export const listenPlain = (server: Server, address: string): Promise<Listener> =>
  new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(new Error(`cannot listen on ${address}: ${error.message}`, { cause: error }));
      else resolve({ port, close: () => Promise.resolve() });
    });
  });
