import { CartServiceDefinition } from '@plaza/proto/plaza/order/v1/cart_service';
import { OrderServiceDefinition } from '@plaza/proto/plaza/order/v1/order_service';
import { measureCapacity } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { scenariosOf } from './capacity-scenarios.ts';
import { startService, type Service } from './service.ts';

// CAPACITY=write writes the table anew.
let service: Service;
beforeAll(async () => {
  // Nothing is shared while it is measured.
  service = await startService({ shareDelayMs: 60_000 });
});
afterAll(() => service?.close());

const RPCS = [OrderServiceDefinition, CartServiceDefinition].flatMap(({ name, methods }) =>
  Object.values(methods).map((method) => `${name}/${method.name}`),
);

test('every RPC consumes what the README says', { timeout: 180_000 }, async () => {
  const scenarios = scenariosOf(service);
  expect(Object.keys(scenarios)).toEqual([...RPCS, 'order.saga']);
  const { measured, stated } = await measureCapacity({
    readme: new URL('../README.md', import.meta.url),
    adminPort: service.app.adminPort,
    protoPackage: 'plaza.order.v1',
    columns: {
      'read `orders`': 'read ',
      'read indexes': 'read *',
      'rows in transactions': 'rows',
      'write `orders`': 'write ',
      'write indexes': 'write *',
    },
    scenarios,
    write: process.env['CAPACITY'] === 'write',
  });
  expect(measured).toEqual(stated);
});
