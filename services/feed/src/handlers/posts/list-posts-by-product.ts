import { mayMeet } from '../../domain/visible.ts';
import type { Deps, PostHandlers } from '../index.ts';

/** Also of a product that is gone: what was said of it was said. */
export const listPostsByProduct =
  ({ lists, reading }: Deps): PostHandlers['listPostsByProduct'] =>
  async (ctx, { productId, pageSize, pageToken }) =>
    reading.page(ctx, { pageSize, pageToken, filter: productId }, { list: lists.spread('PRODUCT', productId), rule: mayMeet });
