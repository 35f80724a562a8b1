import { productSaved, productUnsaved, type EventType, type Handle } from '@plaza/events';
import type { ProductSaved, ProductUnsaved } from '@plaza/proto/plaza/product/v1/events';

import { saveOrder } from '../store/home/saved-products.ts';
import type { Deps } from './index.ts';

type SaveDeps = Pick<Deps, 'saves' | 'backfill' | 'homeFeeds'>;

/** Who begins to keep a product in view gets its news, as if they followed it; who ceases to is rid of them. */
export const addSaves = (
  onceEach: <T>(event: EventType<T>, durable: string, handle: Handle<T>) => void,
  deps: SaveDeps,
): void => {
  onceEach(productSaved, 'feed-keep-saved', keepSaved(deps));
  onceEach(productUnsaved, 'feed-keep-unsaved', keepUnsaved(deps));
};

const keepSaved =
  ({ saves, backfill }: SaveDeps): Handle<ProductSaved> =>
  async (ctx, { userId, productId }, { id, version }) => {
    await saves.note(ctx, { userId, productId, saved: true, order: saveOrder(version, id) });
    if (await saves.has(ctx, userId, productId)) await backfill.follow(ctx, userId, [productId]);
  };

/** As sweep-follow.ts: the delete may hit what a later save has brought, so that it is asked for again behind it. */
const keepUnsaved =
  ({ saves, backfill, homeFeeds }: SaveDeps): Handle<ProductUnsaved> =>
  async (ctx, { userId, productId }, { id, version }) => {
    await saves.note(ctx, { userId, productId, saved: false, order: saveOrder(version, id) });
    if (!(await saves.has(ctx, userId, productId))) {
      const entries = await homeFeeds.entriesOf(ctx, userId, productId);
      const rows = entries.map((entry) => ({ viewerId: userId, entry }));
      if (rows.length > 0) await homeFeeds.removeRows(ctx, rows);
      if (!(await saves.has(ctx, userId, productId))) return;
    }
    await backfill.follow(ctx, userId, [productId]);
  };
