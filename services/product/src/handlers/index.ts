import type { Presence, UserClients } from '@plaza/clients';
import type { Clock, PageTokens } from '@plaza/core';
import type { InventoryServiceDefinition } from '@plaza/proto/plaza/product/v1/inventory_service';
import type { ProductServiceDefinition } from '@plaza/proto/plaza/product/v1/product_service';
import type { Handlers } from '@plaza/rpc';

import type { ProductStore } from '../store/product-store.ts';
import type { ReservationStore } from '../store/reservation-store.ts';
import type { StockStore } from '../store/stock-store.ts';
import { adjustStock } from './adjust-stock.ts';
import { batchCreateProducts } from './batch-create-products.ts';
import { batchGetProducts } from './batch-get-products.ts';
import { commitReservation } from './commit-reservation.ts';
import { createProduct } from './create-product.ts';
import { getProduct } from './get-product.ts';
import { listProducts } from './list-products.ts';
import { releaseReservation } from './release-reservation.ts';
import { reserveStock } from './reserve-stock.ts';

export interface Deps {
  readonly products: ProductStore;
  readonly stock: StockStore;
  readonly reservations: ReservationStore;
  readonly users: Pick<UserClients['users'], 'batchGetUsers'>;
  readonly presence: Presence;
  readonly pageTokens: PageTokens;
  readonly now: Clock;
  readonly newId: () => string;
}

export type ProductHandlers = Handlers<ProductServiceDefinition>;
export type InventoryHandlers = Handlers<InventoryServiceDefinition>;

export const productHandlers = (deps: Deps): ProductHandlers => ({
  createProduct: createProduct(deps),
  batchCreateProducts: batchCreateProducts(deps),
  getProduct: getProduct(deps),
  batchGetProducts: batchGetProducts(deps),
  listProducts: listProducts(deps),
});

export const inventoryHandlers = (deps: Deps): InventoryHandlers => ({
  adjustStock: adjustStock(deps),
  reserveStock: reserveStock(deps),
  commitReservation: commitReservation(deps),
  releaseReservation: releaseReservation(deps),
});
