import { amountOf, type Context } from '@plaza/core';
import {
  priceChanged,
  productCreated,
  stockDepleted,
  stockRestocked,
  type Consumers,
  type Handle,
  type Meta,
} from '@plaza/events';
import type { PriceChanged, StockDepleted } from '@plaza/proto/plaza/product/v1/events';

import { storyKey } from '../domain/home/entry.ts';
import { windowStart } from '../domain/home/fan-out.ts';
import type { News } from '../domain/home/story.ts';
import { turnId } from '../domain/home/turn-id.ts';
import { createPlanEntry } from '../plan-entry.ts';
import type { Deps } from './index.ts';

type NewsDeps = Pick<Deps, 'stories' | 'peers' | 'truths' | 'receipts' | 'fanOut' | 'now'>;
type Told = Omit<News, 'kind' | 'sourceId'>;

const NO_AMOUNT = { reason: 'INVALID_FIELD', domain: 'plaza.feed' };
/** Followers of a seller are told what they can buy; that something is sold out concerns who waits for it. */
const TO_FOLLOWERS: readonly News['news'][] = ['LISTED', 'PRICE', 'RESTOCKED'];
/** Nobody keeps in view what is just listed. */
const TO_SAVERS: readonly News['news'][] = ['PRICE', 'SOLD_OUT', 'RESTOCKED'];

/** What happens to products comes into the feeds of who follows the seller, and of who keeps the product in view. */
export const addNews = (consumers: Pick<Consumers, 'on'>, deps: NewsDeps): void => {
  const { tell, tellApart } = telling(deps);
  const turned =
    (news: 'SOLD_OUT' | 'RESTOCKED'): Handle<StockDepleted> =>
    async (ctx, { turns }, meta) => {
      // Stock does not know the seller. What is deleted, or whose seller is gone, makes no news.
      const products = await deps.peers.getProducts(
        ctx,
        turns.map(({ productId }) => productId),
      );
      for (const { productId } of turns) {
        const sellerId = products.get(productId)?.sellerId;
        if (sellerId === undefined) continue;
        await tellApart(ctx, turnId(meta.id, productId), { news, productId, sellerId }, meta);
      }
    };
  consumers.on(productCreated, {
    durable: 'feed-tell-listed',
    handle: (ctx, { productId, sellerId }, meta) => tell(ctx, meta.id, { news: 'LISTED', productId, sellerId }, meta),
  });
  consumers.on(priceChanged, {
    durable: 'feed-tell-price',
    handle: (ctx, event, meta) => tellApart(ctx, meta.id, repriced(event), meta),
  });
  consumers.on(stockDepleted, { durable: 'feed-tell-sold-out', handle: turned('SOLD_OUT') });
  consumers.on(stockRestocked, { durable: 'feed-tell-restocked', handle: turned('RESTOCKED') });
};

const repriced = ({ productId, sellerId, oldPrice, newPrice }: PriceChanged): Told => ({
  news: 'PRICE',
  productId,
  sellerId,
  ...(oldPrice &&
    newPrice && {
      prices: { before: amountOf(oldPrice, 'old_price', NO_AMOUNT), after: amountOf(newPrice, 'new_price', NO_AMOUNT) },
    }),
});

const telling = (deps: NewsDeps) => {
  const planEntry = createPlanEntry(deps);

  const bring = async (ctx: Context, storyId: string, told: Told, meta: Meta): Promise<void> => {
    for (const { sourceId, audience } of placesOf(told))
      await planEntry(ctx, { entry: storyKey(storyId, sourceId), sourceId, audience }, meta);
  };

  const tell = async (ctx: Context, storyId: string, told: Told, meta: Meta): Promise<void> => {
    // Its rows would have expired.
    if (storyId < windowStart(deps.now())) return;
    const stories = placesOf(told).map(({ sourceId }) => ({ kind: 'NEWS' as const, sourceId, ...told }));
    if (!(await deps.stories.tell(ctx, storyId, stories))) return;
    await bring(ctx, storyId, told, meta);
  };

  /** The first of its kind in an hour. A card shows the price and the stock of now anyway. */
  const tellApart = async (ctx: Context, storyId: string, told: Told, meta: Meta): Promise<void> => {
    // One that was told before another came, and was not brought then, is brought by its replay.
    if (await deps.stories.mayTell(ctx, storyId, told)) await tell(ctx, storyId, told, meta);
    else await bring(ctx, storyId, told, meta);
  };
  return { tell, tellApart };
};

const placesOf = ({ news, sellerId, productId }: Told) => [
  ...(TO_FOLLOWERS.includes(news) ? [{ sourceId: sellerId, audience: 'FOLLOWERS' as const }] : []),
  ...(TO_SAVERS.includes(news) ? [{ sourceId: productId, audience: 'SAVERS' as const }] : []),
];
