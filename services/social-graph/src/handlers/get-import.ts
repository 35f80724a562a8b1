import { importNotFound } from '../domain/errors.ts';
import { toReceipt } from '../mapping.ts';
import type { Deps, GraphHandlers } from './index.ts';

export const getImport =
  ({ receipts }: Deps): GraphHandlers['getImport'] =>
  async (ctx, { importId }) => {
    const receipt = await receipts.get(ctx, importId);
    if (!receipt) throw importNotFound(importId);
    return { receipt: toReceipt(receipt) };
  };
