import { postNotFound } from '../../domain/errors.ts';
import { authorsToCheck, maySee } from '../../domain/visible.ts';
import { toMessage, viewerOf } from '../../mapping.ts';
import type { Deps, PostHandlers } from '../index.ts';

export const getPost =
  ({ posts, peers }: Deps): PostHandlers['getPost'] =>
  async (ctx, { postId }) => {
    const viewerId = viewerOf(ctx.caller);
    const post = await posts.get(ctx, postId);
    const verdicts = await peers.verdicts(ctx, viewerId, authorsToCheck([post], viewerId));
    if (!maySee(post, viewerId, verdicts.get(post?.authorId ?? ''))) throw postNotFound();
    return { post: toMessage(post) };
  };
