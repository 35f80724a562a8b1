import { pause } from '@plaza/core';
import { OrderState, type Order } from '@plaza/proto/plaza/order/v1/order_service';
import { PostVisibility } from '@plaza/proto/plaza/feed/v1/post';

import type { Loading } from './load.ts';
import { chunks, type PlannedOrder } from './plan.ts';
import { inParallel, requestIdOf } from './state.ts';

/** Calls between two saves of the state. */
const SLICE = 100;

export const loadPosts = async ({ options, plan, file }: Loading): Promise<void> => {
  const bar = options.progress.bar('posts', plan.posts.length);
  const { state } = file;
  bar.tick(state.postIds.length);
  for (const slice of chunks(plan.posts.slice(state.postIds.length), SLICE)) {
    const base = state.postIds.length;
    const ids: string[] = [];
    await inParallel(slice, 8, async (post, i) => {
      const { post: created } = await options.clients.posts.createPost(options.adminContext(30_000), {
        authorId: state.userIds[post.author]!,
        text: post.text,
        productIds: post.products.map((product) => state.productIds[product]!),
        visibility: PostVisibility.PUBLIC,
        requestId: requestIdOf('post', base + i),
      });
      ids[i] = created!.postId;
      bar.tick();
    });
    state.postIds.push(...ids);
    file.save();
  }
  bar.done();
};

export const loadOrders = async (loading: Loading): Promise<void> => {
  const { options, plan, file } = loading;
  const bar = options.progress.bar('orders', plan.orders.length);
  bar.tick(file.state.orders);
  for (const slice of chunks(plan.orders.slice(file.state.orders), SLICE)) {
    const base = file.state.orders;
    await inParallel(slice, 4, async (order, i) => {
      await placeOrder(loading, order, requestIdOf('order', base + i));
      bar.tick();
    });
    file.state.orders += slice.length;
    file.save();
  }
  bar.done();
};

const placeOrder = async ({ options, file }: Loading, planned: PlannedOrder, requestId: string): Promise<void> => {
  const { orders } = options.clients;
  const answer = await orders.createOrder(options.adminContext(30_000), {
    userId: file.state.userIds[planned.buyer]!,
    lines: planned.lines.map(({ product, quantity }) => ({
      productId: file.state.productIds[product]!,
      quantity: BigInt(quantity),
    })),
    shippingAddress: { name: 'Demo Buyer', lines: ['1 Plaza Street'], postalCode: '10115', city: 'Berlin', countryCode: 'DE' },
    requestId,
  });
  let order: Order | undefined = answer.order;
  // An order that met its deadline goes on by itself; the demo waits for its end.
  for (let tries = 0; order?.state !== OrderState.PAID && tries < 300; tries++) {
    await pause(100);
    ({ order } = await orders.getOrder(options.adminContext(), { orderId: order!.orderId }));
  }
  if (order?.state !== OrderState.PAID) throw new Error(`order ${order?.orderId} of the demo was not paid`);
};
