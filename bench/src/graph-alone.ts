import { readFileSync } from 'node:fs';

import { graphClients, type GraphClients } from '@plaza/clients';
import { newId, noMetrics, silentLog, type Context } from '@plaza/core';
import { User, UserServiceDefinition } from '@plaza/proto/plaza/user/v1/user_service';
import {
  asAdmin,
  bindSome,
  entryOf,
  serviceEnv,
  spawnService,
  startPeer,
  testKeys,
  uniqueNamespace,
  type Engines,
} from '@plaza/testing';

/** The social-graph service as a process, and nothing else of Plaza: in its user service everybody exists. */
export interface Graph extends AsyncDisposable {
  readonly clients: Pick<GraphClients, 'graph'>;
  readonly asAdmin: (timeoutMs: number) => Context;
  /** What the process holds in memory now. */
  readonly memoryMb: () => number;
}

export const startGraph = async (engines: Engines): Promise<Graph> => {
  await using opened = new AsyncDisposableStack();
  const everybody = bindSome(UserServiceDefinition, {
    batchGetUsers: async (_ctx, { userIds }) => ({
      users: userIds.map((userId) => User.fromPartial({ userId })),
      missingIds: [],
    }),
  });
  const peer = opened.adopt(await startPeer(everybody), (it) => it.close());
  const nowhere = '127.0.0.1:1';
  const service = opened.adopt(
    await spawnService({
      name: 'social-graph',
      entry: entryOf('social-graph'),
      env: serviceEnv({
        name: 'social-graph',
        endpoints: engines,
        namespace: uniqueNamespace(),
        keyring: testKeys().keyring,
        pageSecret: newId(),
        port: 0,
        adminPort: 0,
        addresses: { user: peer.address, product: nowhere, order: nowhere, 'social-graph': nowhere, feed: nowhere },
        logLevel: 'info',
      }),
      log: (line) => void (line.startsWith('{"level":"error"') && console.log(line)),
    }),
    async (it) => void (await it.stop()),
  );
  const clients = graphClients({
    address: `127.0.0.1:${service.port}`,
    token: testKeys().tokenOf,
    log: silentLog,
    metrics: noMetrics,
  });
  opened.defer(() => clients.close());
  const running = opened.move();
  return {
    clients,
    asAdmin,
    memoryMb: () => {
      const status = readFileSync(`/proc/${service.pid}/status`, 'utf8');
      return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1_024);
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
};
