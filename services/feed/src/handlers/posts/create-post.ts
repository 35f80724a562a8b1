import { mutationOf, type Context } from '@plaza/core';

import { authorNotFound, productNotFound, replyToNotFound } from '../../domain/errors.ts';
import { answerTo, assertSaysSomething, assertShort, newPost, type Draft, type Thread } from '../../domain/posts/post.ts';
import { maySee } from '../../domain/visible.ts';
import { toBareMessage, toDraft } from '../../mapping.ts';
import type { Deps, PostHandlers } from '../index.ts';

export const createPost =
  (deps: Deps): PostHandlers['createPost'] =>
  async (ctx, request) => {
    const draft = toDraft(request);
    assertShort('text', draft.text);
    assertSaysSomething(draft, 'text');
    const mutation = mutationOf(ctx, request.requestId, request);
    const admit = () => admitted(ctx, deps, draft, request.replyToPostId);
    const { postId, thread } = await deps.posts.publish(ctx, mutation, draft, admit);
    return { post: toBareMessage(newPost(postId, draft, thread)) };
  };

/** The thread that the post goes on, if it answers one. */
const admitted = async (
  ctx: Context,
  { peers, reading }: Deps,
  { authorId, productIds }: Draft,
  replyTo: string,
): Promise<Thread | undefined> => {
  const [users, products, [answered]] = await Promise.all([
    peers.getUsers(ctx, [authorId]),
    peers.getProducts(ctx, productIds),
    replyTo === '' ? [] : reading.judge(ctx, [replyTo], maySee, authorId),
  ]);
  if (!users.has(authorId)) throw authorNotFound();
  const missing = productIds.filter((id) => !products.has(id));
  if (missing.length > 0) throw productNotFound('product_ids', missing);
  if (replyTo === '') return undefined;
  if (answered === undefined) throw replyToNotFound();
  return answerTo(answered.post);
};
