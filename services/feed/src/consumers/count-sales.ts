import type { Handle } from '@plaza/events';
import type { OrderPaid } from '@plaza/proto/plaza/order/v1/events';

import { attributionOf } from '../domain/posts/sales.ts';
import { authorsToCheck } from '../domain/visible.ts';
import { attributedOrders } from '../metrics.ts';
import type { Peers } from '../peers.ts';
import type { Deps } from './index.ts';

/**
 * Counts an order for the post that it names, if that may have led to it. As post and graph are now: what the buyer saw when ordering,
 * nobody kept. With the graph away the event comes again.
 */
export const countSales = ({
  posts,
  peers,
  sales,
  metrics,
}: Pick<Deps, 'posts' | 'sales' | 'metrics'> & { peers: Pick<Peers, 'verdicts'> }): Handle<OrderPaid> => {
  const attributed = metrics.counter(attributedOrders);
  return async (ctx, { orderId, userId, attributedPostId, lines }) => {
    if (attributedPostId === '') return;
    const post = await posts.get(ctx, attributedPostId);
    const verdicts = await peers.verdicts(ctx, userId, authorsToCheck([post], userId));
    const bought = lines.map(({ productId, quantity }) => ({ productId, units: Number(quantity) }));
    const attribution = attributionOf(post, userId, bought, verdicts.get(post?.authorId ?? ''));
    if (attribution.outcome === 'counted') await sales.count(ctx, orderId, attributedPostId, attribution.sales);
    attributed.add({ outcome: attribution.outcome });
  };
};
