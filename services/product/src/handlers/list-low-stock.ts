import { callerKey, fillPage, pageSizeOf } from '@plaza/core';

import { isLow } from '../domain/stock.ts';
import { toStockMessage } from '../mapping.ts';
import type { InventoryDeps, InventoryHandlers } from './index.ts';

const DEFAULT_THRESHOLD = 5n;
/** Most products are not low: so many are looked at in one go. */
const SCAN = 100;

export const listLowStock =
  ({ catalogue, stock, pageTokens }: InventoryDeps): InventoryHandlers['listLowStock'] =>
  async (ctx, { sellerId, threshold = DEFAULT_THRESHOLD, pageSize, pageToken }) => {
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: `${sellerId} ${threshold}` };
    const start = pageTokens.decode<string>(scope, pageToken);
    const page = await fillPage(pageSizeOf(pageSize), start, async (after) => {
      const { places, end } = await catalogue.listedBy(ctx, sellerId, SCAN, after);
      const stocks = await stock.load(ctx, places);
      const entries = places.map((place) => {
        const found = stocks.get(place);
        return { place, item: found && isLow(found, Number(threshold)) ? found : undefined };
      });
      return { entries, end };
    });
    return {
      stocks: page.items.map(toStockMessage),
      nextPageToken: page.next === undefined ? '' : pageTokens.encode(scope, page.next),
    };
  };
