import { InventoryServiceDefinition } from '@plaza/proto/plaza/product/v1/inventory_service';
import { ProductServiceDefinition } from '@plaza/proto/plaza/product/v1/product_service';
import { measureCapacity } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { scenariosOf } from './capacity-scenarios.ts';
import { startWorld, type World } from './world.ts';

// With nothing cached. CAPACITY=write writes the table anew.
let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());

const RPCS = [ProductServiceDefinition, InventoryServiceDefinition].flatMap(({ name, methods }) =>
  Object.values(methods).map((method) => `${name}/${method.name}`),
);

test('every RPC consumes what the README says', { timeout: 180_000 }, async () => {
  const scenarios = scenariosOf(world);
  expect(Object.keys(scenarios)).toEqual(RPCS);
  const { measured, stated } = await measureCapacity({
    readme: new URL('../README.md', import.meta.url),
    adminPort: world.app.adminPort,
    protoPackage: 'plaza.product.v1',
    columns: {
      'read `products`': 'read ',
      'read indexes': 'read *',
      'rows in transactions': 'rows',
      'write `products`': 'write ',
      'write indexes': 'write *',
    },
    scenarios,
    write: process.env['CAPACITY'] === 'write',
  });
  expect(measured).toEqual(stated);
});
