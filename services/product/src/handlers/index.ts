import type { UserClients } from '@plaza/clients';
import type { Clock, PageTokens } from '@plaza/core';
import type { InventoryServiceDefinition } from '@plaza/proto/plaza/product/v1/inventory_service';
import type { ProductServiceDefinition } from '@plaza/proto/plaza/product/v1/product_service';
import type { Handlers } from '@plaza/rpc';

import type { Storefront } from '../storefront.ts';
import type { Stores } from '../stores.ts';
import { adjustStock } from './adjust-stock.ts';
import { batchCreateProducts } from './batch-create-products.ts';
import { batchGetProducts } from './batch-get-products.ts';
import { commitReservation } from './commit-reservation.ts';
import { createProduct } from './create-product.ts';
import { deleteProduct } from './delete-product.ts';
import { getProduct } from './get-product.ts';
import { getReservation } from './get-reservation.ts';
import { getStock } from './get-stock.ts';
import { listLowStock } from './list-low-stock.ts';
import { listProductSavers } from './list-product-savers.ts';
import { listCategories } from './list-categories.ts';
import { listProducts } from './list-products.ts';
import { listSavedProducts } from './list-saved-products.ts';
import { listStockMovements } from './list-stock-movements.ts';
import { listTrendingProducts } from './list-trending-products.ts';
import { reconcileStock } from './reconcile-stock.ts';
import { recordProductViews } from './record-product-views.ts';
import { releaseReservation } from './release-reservation.ts';
import { reserveStock } from './reserve-stock.ts';
import { saveProduct } from './save-product.ts';
import { searchProducts } from './search-products.ts';
import { undeleteProduct } from './undelete-product.ts';
import { unsaveProduct } from './unsave-product.ts';
import { updateProduct } from './update-product.ts';

export interface Deps extends Stores {
  readonly storefront: Storefront;
  readonly users: Pick<UserClients['users'], 'batchGetUsers'>;
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
  updateProduct: updateProduct(deps),
  deleteProduct: deleteProduct(deps),
  undeleteProduct: undeleteProduct(deps),
  listProducts: listProducts(deps),
  recordProductViews: recordProductViews(deps),
  listTrendingProducts: listTrendingProducts(deps),
  saveProduct: saveProduct(deps),
  unsaveProduct: unsaveProduct(deps),
  listSavedProducts: listSavedProducts(deps),
  listProductSavers: listProductSavers(deps),
  searchProducts: searchProducts(deps),
  listCategories: listCategories(deps),
});

export type InventoryDeps = Pick<
  Deps,
  'products' | 'catalogue' | 'stock' | 'movements' | 'audit' | 'reservations' | 'pageTokens' | 'now' | 'newId'
>;

export const inventoryHandlers = (deps: InventoryDeps): InventoryHandlers => ({
  getStock: getStock(deps),
  adjustStock: adjustStock(deps),
  listStockMovements: listStockMovements(deps),
  listLowStock: listLowStock(deps),
  reconcileStock: reconcileStock(deps),
  reserveStock: reserveStock(deps),
  commitReservation: commitReservation(deps),
  releaseReservation: releaseReservation(deps),
  getReservation: getReservation(deps),
});
