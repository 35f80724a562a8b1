import type { Handle } from '@plaza/events';
import type { PostCreated } from '@plaza/proto/plaza/feed/v1/events';

import { publishedPost } from '../domain/home/fan-out.ts';
import { isComplete, mayHaveReceipt } from '../domain/home/receipt.ts';
import { isDeleted } from '../domain/posts/post.ts';
import type { Deps } from './index.ts';

/**
 * Brings a new post, as it is by now, into feeds. Handled again, it plans anew unless every chunk is known to be done: the queue may
 * have been lost.
 */
export const planFanOut =
  ({ posts, receipts, fanOut, now }: Deps): Handle<PostCreated> =>
  async (ctx, { postId }, meta) => {
    if (mayHaveReceipt(meta, now()) && isComplete(await receipts.get(ctx, postId))) return;
    const post = await posts.get(ctx, postId);
    if (post !== undefined && !isDeleted(post)) await fanOut.push(ctx, publishedPost(post));
  };
