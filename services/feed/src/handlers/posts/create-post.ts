import { mutationOf, type Context } from '@plaza/core';

import { authorNotFound, productNotFound } from '../../domain/errors.ts';
import { newPost, type Draft } from '../../domain/posts/post.ts';
import { toDraft, toMessage } from '../../mapping.ts';
import type { Peers } from '../../peers.ts';
import type { Deps, PostHandlers } from '../index.ts';

export const createPost =
  ({ posts, peers }: Deps): PostHandlers['createPost'] =>
  async (ctx, request) => {
    const draft = toDraft(request);
    const mutation = mutationOf(ctx, request.requestId, request);
    const postId = await posts.publish(ctx, mutation, draft, () => admit(ctx, peers, draft));
    return { post: toMessage(newPost(postId, draft)) };
  };

const admit = async (ctx: Context, peers: Peers, { authorId, productIds }: Draft): Promise<void> => {
  const [users, products] = await Promise.all([peers.getUsers(ctx, [authorId]), peers.getProducts(ctx, productIds)]);
  if (!users.has(authorId)) throw authorNotFound();
  const missing = productIds.filter((id) => !products.has(id));
  if (missing.length > 0) throw productNotFound(missing);
};
