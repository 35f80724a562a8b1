import type { Stretch } from '@plaza/core';

import type { Order, OrderState } from './order.ts';

/** Small pages of a list of which rows are left out read so many at a time, so that they are not short without need. */
const LEAST_ROWS = 20;

/** How many rows to read at a time for a page of `size`. */
export const rowsFor = (size: number, state: OrderState | undefined): number =>
  state === undefined ? size : Math.max(size, LEAST_ROWS);

/** Leaves out what is in another state; undefined means any. */
export const ofState = (state: OrderState | undefined, { entries, end }: Stretch<Order>): Stretch<Order> => ({
  entries: entries.map(({ place, item }) => ({ place, item: state === undefined || item?.state === state ? item : undefined })),
  end,
});
