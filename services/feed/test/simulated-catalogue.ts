import { Product } from '@plaza/proto/plaza/product/v1/product_service';
import { User } from '@plaza/proto/plaza/user/v1/user_service';

/** Users and products of a simulated Plaza: everybody is somebody, and sold is what `products` says, by whom. */
export const simulateCatalogue = (products: ReadonlyMap<string, string>) => ({
  users: {
    batchGetUsers: async (_ctx: unknown, { userIds = [] }: { userIds?: readonly string[] | undefined }) => ({
      users: userIds.map((userId) => User.fromPartial({ userId, username: 'someone' })),
      missingIds: [],
    }),
  },
  products: {
    batchGetProducts: async (_ctx: unknown, { productIds = [] }: { productIds?: readonly string[] | undefined }) => ({
      products: productIds
        .filter((productId) => products.has(productId))
        .map((productId) => Product.fromPartial({ productId, sellerId: products.get(productId)! })),
      missingIds: [],
    }),
  },
});
