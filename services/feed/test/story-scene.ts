import { newId } from '@plaza/core';
import { priceChanged, productSaved, productUnsaved, purchaseShared } from '@plaza/events';
import type { FeedItem } from '@plaza/proto/plaza/feed/v1/feed_service';

import { createStoryWorld, type StoryWorld } from './story-world.ts';

export const EUR = (units: number) => ({ currencyCode: 'EUR', units: BigInt(units), nanos: 0 });

/** What an item is, in short. */
const short = ({ reason, post, by, productCards, news }: FeedItem) => ({
  reason,
  ...(post && { post: post.postId }),
  by: by.map(({ userId }) => userId),
  ...(productCards.length > 0 && { products: productCards.map(({ productId }) => productId) }),
  ...(news && { news: news.kind }),
});
export const feedOf = async (world: StoryWorld, viewer: string, pageSize = 20) => (await world.feed(viewer, pageSize)).map(short);

/** A viewer who reads already, follows the maker, and does not know the author; the seller has a product. */
export const scene = async () => {
  const world = createStoryWorld();
  const [viewer, maker, author, seller] = [newId(), newId(), newId(), newId()];
  await world.read(viewer);
  await world.follow(viewer, maker);
  return { world, viewer, maker, author, seller, product: world.product(seller) };
};
export type Scene = Awaited<ReturnType<typeof scene>>;

export const share = (of: Scene, orderId = newId(), more: { version?: number; productIds?: string[] } = {}) =>
  of.world.tell(
    purchaseShared,
    { orderId, userId: of.maker, productIds: more.productIds ?? [of.product], payTime: new Date() },
    { version: more.version ?? 5 },
  );
export const save = (of: Scene, version: number) =>
  of.world.tell(productSaved, { userId: of.viewer, productId: of.product, saveTime: new Date() }, { version });
export const unsave = (of: Scene, version: number) =>
  of.world.tell(productUnsaved, { userId: of.viewer, productId: of.product }, { version });
/** Not delivered yet. */
export const repriced = (of: Scene, about: { id?: string } = {}) =>
  of.world.told(
    priceChanged,
    { productId: of.product, sellerId: of.seller, oldPrice: EUR(3), newPrice: EUR(2), changeTime: new Date() },
    about,
  );
export const reprice = async (of: Scene) => {
  const event = repriced(of);
  await of.world.deliver(event);
  return event;
};
