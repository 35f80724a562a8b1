import type { Amount } from '@plaza/core';
import type { Item } from '@plaza/dynamo';

import type { NewsKind, Story } from '../../domain/home/story.ts';
import { keys } from '../table.ts';

/** The row by which a repost stands in the timeline of who passed the post on; written and removed with the repost itself. */
export const repostStoryRow = (userId: string, repostId: string, { postId, authorId }: { postId: string; authorId: string }) => ({
  ...keys.story(userId, repostId),
  kind: 'REPOST' as const,
  postId,
  authorId,
});

export const storyRow = (place: string, { sourceId, ...said }: Story) => ({ ...keys.story(sourceId, place), ...said });

export const storyIn = (item: Item | undefined): Story | undefined => {
  if (item === undefined) return undefined;
  const sourceId = item.pk.slice('A#'.length);
  switch (item['kind']) {
    case 'REPOST':
      return { kind: 'REPOST', sourceId, postId: item['postId'] as string };
    case 'PURCHASE':
      return { kind: 'PURCHASE', sourceId, orderId: item['orderId'] as string, productIds: item['productIds'] as string[] };
    default: {
      const prices = item['prices'] as unknown as { before: Amount; after: Amount } | undefined;
      return {
        kind: 'NEWS',
        sourceId,
        news: item['news'] as NewsKind,
        productId: item['productId'] as string,
        sellerId: item['sellerId'] as string,
        ...(prices && { prices }),
      };
    }
  }
};
