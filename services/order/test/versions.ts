import type { Context } from '@plaza/core';
import type { Db } from '@plaza/dynamo';
import type { OutboxRow } from '@plaza/events';

import { orderTable } from '../src/store/table.ts';

/** Versions of all events in the outbox, by the event's name. */
export const versionsByEvent = async (db: Db, ctx: Context): Promise<Map<string, number[]>> => {
  const found = new Map<string, number[]>();
  for (let shard = 0; shard < 4; shard++) {
    const { items } = await db.query(ctx, orderTable, { pk: `OX#${shard}` });
    for (const { subject, version } of items as unknown as OutboxRow[]) {
      const name = subject.replace('plaza.order.v1.', '');
      found.set(name, [...(found.get(name) ?? []), version]);
    }
  }
  return found;
};
