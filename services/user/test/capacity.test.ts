import { LeaderboardServiceDefinition } from '@plaza/proto/plaza/user/v1/leaderboard_service';
import { SessionServiceDefinition } from '@plaza/proto/plaza/user/v1/session_service';
import { UserServiceDefinition } from '@plaza/proto/plaza/user/v1/user_service';
import { WalletServiceDefinition } from '@plaza/proto/plaza/user/v1/wallet_service';
import { measureCapacity } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { scenariosOf } from './capacity-scenarios.ts';
import { startService, type Service } from './service.ts';

// With nothing cached. CAPACITY=write writes the table anew.
let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const RPCS = [UserServiceDefinition, SessionServiceDefinition, WalletServiceDefinition, LeaderboardServiceDefinition].flatMap(
  ({ name, methods }) => Object.values(methods).map((method) => `${name}/${method.name}`),
);

test('every RPC consumes what the README says', { timeout: 120_000 }, async () => {
  const scenarios = scenariosOf(service);
  expect(Object.keys(scenarios)).toEqual(RPCS);
  const { measured, stated } = await measureCapacity({
    readme: new URL('../README.md', import.meta.url),
    adminPort: service.app.adminPort,
    protoPackage: 'plaza.user.v1',
    columns: {
      'read `users`': 'read ',
      'read `byState`': 'read byState',
      'rows in transactions': 'rows',
      'write `users`': 'write ',
      'write `byState`': 'write byState',
    },
    scenarios,
    write: process.env['CAPACITY'] === 'write',
  });
  expect(measured).toEqual(stated);
});
