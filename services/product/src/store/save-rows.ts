import type { Context } from '@plaza/core';
import { eq, exists, insert, remove, type WriteOp } from '@plaza/dynamo';
import { outboxRow, productSaved, productUnsaved, type OutboxRow } from '@plaza/events';

import type { Save } from '../domain/save.ts';
import { keys, products } from './table.ts';

/** All three rows of a new save; the first fails if the product is saved already. */
export const saveInserts = ({ userId, productId, saveId, savedAt }: Save): WriteOp[] => [
  insert(products, { ...keys.save(userId, productId), saveId, savedAt }),
  insert(products, { ...keys.saveOrder(userId, saveId), productId, savedAt }),
  insert(products, { ...keys.saver(productId, userId), savedAt }),
];

/** Takes all three away; the first fails unless this very save stands. */
export const saveRemovals = ({ userId, productId, saveId }: Pick<Save, 'userId' | 'productId' | 'saveId'>): WriteOp[] => [
  remove(products, keys.save(userId, productId), eq('saveId', saveId)),
  remove(products, keys.saveOrder(userId, saveId), exists()),
  remove(products, keys.saver(productId, userId), exists()),
];

export const savedEvent = (ctx: Context, { userId, productId, savedAt }: Save): OutboxRow =>
  outboxRow(productSaved, { userId, productId, saveTime: new Date(savedAt) }, about(ctx, productId, savedAt));

export const unsavedEvent = (ctx: Context, { userId, productId }: Pick<Save, 'userId' | 'productId'>, at: number): OutboxRow =>
  outboxRow(productUnsaved, { userId, productId }, about(ctx, productId, at));

/** Saves of one product have no order among each other that mattered: the moment stands for a version. */
const about = (ctx: Context, productId: string, at: number) => ({ aggregateId: productId, version: at, at, trace: ctx.trace });
