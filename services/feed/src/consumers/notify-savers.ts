import { amountOf, inLanes, type Context } from '@plaza/core';
import { priceChanged, stockDepleted, stockRestocked, type Consumers } from '@plaza/events';
import type { PriceChanged, StockTurn } from '@plaza/proto/plaza/product/v1/events';

import { turnId } from '../domain/home/turn-id.ts';
import type { News } from '../domain/notifications/notice.ts';
import type { SavedProducts } from '../store/home/saved-products.ts';
import type { StoryStore } from '../store/home/story-store.ts';
import type { NoticeWriter } from '../store/notifications/notice-writer.ts';

/** Writes at a time for one event. */
const LANES = 32;
/** Events at a time: each may be for many. */
const IN_HAND = 2;
/** For very many who keep a product. */
const ACK_MS = 60_000;

export interface SaverDeps {
  readonly noticeWriter: NoticeWriter;
  readonly saves: Pick<SavedProducts, 'savers'>;
  readonly stories: Pick<StoryStore, 'mayTell'>;
}

/** Tells those who keep a product in view of its price and of its stock: of the same turns of it as feeds do. */
export const addNotifyingSavers = (consumers: Pick<Consumers, 'on'>, { noticeWriter, saves, stories }: SaverDeps): void => {
  const tell = async (ctx: Context, productId: string, place: string, news: News) => {
    if (!(await stories.mayTell(ctx, place, { productId, news: news.kind }))) return;
    for await (const { followerIds } of saves.savers(ctx, productId))
      await inLanes(followerIds, LANES, (userId) =>
        noticeWriter.tell(ctx, { userId, notice: { kind: 'PRODUCT_NEWS', about: productId, place, news } }),
      );
  };
  const tellTurns = async (ctx: Context, turns: readonly StockTurn[], eventId: string, kind: 'SOLD_OUT' | 'RESTOCKED') => {
    for (const { productId } of turns) await tell(ctx, productId, turnId(eventId, productId), { kind });
  };
  const by = (durable: string) => ({ durable, concurrency: IN_HAND, ackWaitMs: ACK_MS });

  consumers.on(priceChanged, {
    ...by('feed-notify-price'),
    handle: async (ctx, event, { id }) => tell(ctx, event.productId, id, priceNews(event)),
  });
  consumers.on(stockDepleted, {
    ...by('feed-notify-sold-out'),
    handle: async (ctx, { turns }, { id }) => tellTurns(ctx, turns, id, 'SOLD_OUT'),
  });
  consumers.on(stockRestocked, {
    ...by('feed-notify-restocked'),
    handle: async (ctx, { turns }, { id }) => tellTurns(ctx, turns, id, 'RESTOCKED'),
  });
};

/** What the product service told is an amount; if not, it is a dead letter. */
const priceNews = ({ oldPrice, newPrice }: PriceChanged): News => {
  const amount = (money: PriceChanged['newPrice']) =>
    amountOf(money ?? { currencyCode: '', units: 0n, nanos: 0 }, 'price', { reason: 'PRICE_INVALID', domain: 'plaza.feed' });
  return { kind: 'PRICE', oldPrice: amount(oldPrice), newPrice: amount(newPrice) };
};
