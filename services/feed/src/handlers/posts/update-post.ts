import { mutationOf, type Context } from '@plaza/core';

import { productNotFound } from '../../domain/errors.ts';
import { editOf, pathsToChange, postToEdit, type Edit } from '../../domain/posts/edit.ts';
import { assertShort, type Post } from '../../domain/posts/post.ts';
import { ANONYMOUS, maySee } from '../../domain/visible.ts';
import { toBareMessage, toWish } from '../../mapping.ts';
import type { Deps, PostHandlers } from '../index.ts';

export const updatePost =
  (deps: Deps): PostHandlers['updatePost'] =>
  async (ctx, request) => {
    const paths = pathsToChange(request.updateMask ?? []);
    const wish = toWish(request.changes!, paths);
    if (paths.includes('text')) assertShort('changes.text', wish.text);
    const post = await deps.posts.edit(ctx, mutationOf(ctx, request.requestId, request), request.postId, async (current) => {
      const before = await postToEdit(current, ctx.caller, request.etag, (found) => isOpen(ctx, deps, found));
      const edit = editOf(before, paths, wish, deps.now());
      await assertProducts(ctx, deps, edit);
      return edit;
    });
    return { post: toBareMessage(post) };
  };

/** Whether nobody in particular may see the post now. */
const isOpen = async (ctx: Context, { peers }: Deps, post: Post): Promise<boolean> =>
  maySee(post, ANONYMOUS, (await peers.verdicts(ctx, ANONYMOUS, [post.authorId])).get(post.authorId));

/** Only those that the post did not show before: one that is gone since may stay, as gone. */
const assertProducts = async (ctx: Context, { peers }: Deps, { before, after }: Edit): Promise<void> => {
  const added = after.productIds.filter((id) => !before.productIds.includes(id));
  if (added.length === 0) return;
  const products = await peers.getProducts(ctx, added);
  const missing = added.filter((id) => !products.has(id));
  if (missing.length > 0) throw productNotFound('changes.product_ids', missing);
};
