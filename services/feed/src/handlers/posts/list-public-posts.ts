import { mayMeetInPublic } from '../../domain/visible.ts';
import type { Deps, PostHandlers } from '../index.ts';

export const listPublicPosts =
  ({ lists, reading }: Deps): PostHandlers['listPublicPosts'] =>
  async (ctx, { pageSize, pageToken }) =>
    reading.page(ctx, { pageSize, pageToken, filter: '' }, { list: lists.everybody(), rule: mayMeetInPublic });
