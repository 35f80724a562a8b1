import { isDeleted, type Post, type Tombstone } from '../posts/post.ts';
import type { NoticeKind, Notice, OrderStep, Telling } from './notice.ts';

/** Nobody is told of what they did themselves. */
export const toldTo = (
  userId: string,
  kind: NoticeKind,
  about: string,
  place: string,
  more: Pick<Notice, 'step' | 'news' | 'over'> & { readonly by?: string } = {},
): Telling[] => {
  const { by, ...rest } = more;
  return by === userId ? [] : [{ userId, notice: { kind, about, place, ...rest } }];
};

/** A post answers somebody's, and mentions people; whoever is told of the answer is not told of the mention too. */
export const tellingsOfPost = (
  post: Post | Tombstone | undefined,
  parent: Post | Tombstone | undefined,
  mentioned: readonly string[],
  place: string,
): Telling[] => {
  if (!isTold(post)) return [];
  const { postId, authorId } = post;
  const answered =
    parent === undefined || isDeleted(parent) ? [] : toldTo(parent.authorId, 'REPLY', postId, place, { by: authorId });
  const others = mentioned.filter((userId) => answered.every((telling) => telling.userId !== userId));
  return [...answered, ...others.flatMap((userId) => toldTo(userId, 'MENTION', postId, place, { by: authorId }))];
};

/** What only its author may see is told to nobody. */
export const isTold = (post: Post | Tombstone | undefined): post is Post =>
  post !== undefined && !isDeleted(post) && post.visibility !== 'PRIVATE';

/** Buyer and sellers, each once. */
export const tellingsOfOrder = (orderId: string, people: readonly string[], step: OrderStep, place: string): Telling[] =>
  [...new Set(people)].flatMap((userId) => toldTo(userId, 'ORDER', orderId, place, { step }));
