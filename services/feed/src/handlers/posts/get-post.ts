import type { Deps, PostHandlers } from '../index.ts';

export const getPost =
  ({ reading }: Deps): PostHandlers['getPost'] =>
  async (ctx, { postId }) => {
    const [post] = await reading.present(ctx, [await reading.one(ctx, postId)]);
    return { post };
  };
