import { maySee } from '../../domain/visible.ts';
import type { Deps, PostHandlers } from '../index.ts';

/** What is missing and what is not for the caller to see answer alike. */
export const batchGetPosts =
  ({ reading }: Deps): PostHandlers['batchGetPosts'] =>
  async (ctx, { postIds }) => {
    const ids = [...new Set(postIds)];
    const looks = await reading.judge(ctx, ids, maySee);
    return {
      posts: await reading.present(
        ctx,
        looks.filter((look) => look !== undefined),
      ),
      missingIds: ids.filter((_id, i) => looks[i] === undefined),
    };
  };
