import type { Money } from '@plaza/proto/google/type/money';
import type { FeedItem } from '@plaza/proto/plaza/feed/v1/feed_service';

import type { PrintFeedPage } from './types.ts';

const WIDTH = 78;

export const printFeedPage: PrintFeedPage = async (options, { reader }, print) => {
  const context = options.userContext(reader.userId);
  const { items } = await options.clients.feed.listHomeFeed(context, { viewerId: reader.userId, pageSize: 8 });
  print(`The home feed of @${reader.username}`);
  print('─'.repeat(WIDTH));
  for (const item of items) for (const line of linesOf(item)) print(line);
  return items.length;
};

const linesOf = ({ post }: FeedItem): string[] => [
  `${post?.author?.displayName} @${post?.author?.username} · ${post?.createTime?.toISOString().slice(11, 19)}`,
  ...wrapped(post?.text ?? '').map((line) => `  ${line}`),
  ...(post?.products ?? []).map((card) => `  ▸ ${card.name} · ${priceOf(card.price)} · ${card.available} left`),
  '',
];

const wrapped = (text: string): string[] =>
  text.match(new RegExp(`.{1,${WIDTH - 4}}(\\s|$)`, 'g'))?.map((line) => line.trimEnd()) ?? [];

const priceOf = (price: Money | undefined): string =>
  price ? `${price.currencyCode} ${price.units}.${String(Math.round(price.nanos / 1e7)).padStart(2, '0')}` : 'price unknown';
