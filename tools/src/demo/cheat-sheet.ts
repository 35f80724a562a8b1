import type { Tls } from '@plaza/core';

import type { CheatSheetOptions, MakeCheatSheet } from './types.ts';

/** One row of the sheet; both spellings of a call are made from it, so they cannot differ. */
interface Call {
  readonly why: string;
  readonly service: keyof CheatSheetOptions['addresses'];
  readonly method: string;
  readonly body: object;
}

export const cheatSheet: MakeCheatSheet = ({ summary, addresses, adminToken, tls }) => {
  const calls = callsOf(summary.reader);
  const spoken = tls ? overTls(tls) : PLAINTEXT;
  const curls = calls.map((call) => bufCurl(call, addresses, spoken));
  const lines = [
    'Calls to try. Each works as it stands, in another terminal, from this folder:',
    '',
    `export TOKEN=${adminToken}`,
    ...calls.flatMap((call, i) => [
      '',
      `# ${call.why}`,
      curls[i]!,
      `grpcurl ${spoken.grpcurl} -H "authorization: Bearer $TOKEN" -d '${json(call)}' ${addresses[call.service]} ${call.method}`,
    ]),
    '',
    '# What a server offers',
    `npx buf curl --protocol grpc ${spoken.buf} --list-methods ${spoken.scheme}://${addresses.user}`,
  ];
  const commands = [...curls.map((curl) => `TOKEN=${adminToken}; ${curl}`), lines.at(-1)!];
  return { text: lines.join('\n'), commands };
};

const callsOf = ({ userId, username }: { userId: string; username: string }): Call[] => [
  { why: 'Who is that?', service: 'user', method: 'plaza.user.v1.UserService/GetUser', body: { username } },
  {
    why: 'Their home feed',
    service: 'feed',
    method: 'plaza.feed.v1.FeedService/ListHomeFeed',
    body: { viewerId: userId, pageSize: 3 },
  },
  {
    why: 'Say something',
    service: 'feed',
    method: 'plaza.feed.v1.PostService/CreatePost',
    body: { authorId: userId, text: 'Hello #plaza' },
  },
  {
    why: 'Whom they follow',
    service: 'social-graph',
    method: 'plaza.graph.v1.SocialGraphService/ListFollowing',
    body: { userId, pageSize: 3 },
  },
  {
    why: 'Whom they might follow, and why',
    service: 'social-graph',
    method: 'plaza.graph.v1.SocialGraphService/SuggestFollows',
    body: { userId, pageSize: 3 },
  },
  {
    why: 'A shelf, cheapest first',
    service: 'product',
    method: 'plaza.product.v1.ProductService/ListProducts',
    body: {
      category: 'coffee',
      minPrice: { currencyCode: 'EUR', units: '10' },
      maxPrice: { currencyCode: 'EUR', units: '60' },
      pageSize: 3,
    },
  },
  {
    why: 'Search: the beginnings of words will do',
    service: 'product',
    method: 'plaza.product.v1.ProductService/SearchProducts',
    body: { query: 'coff', pageSize: 3 },
  },
  {
    why: 'What is wanted most today',
    service: 'product',
    method: 'plaza.product.v1.ProductService/ListTrendingProducts',
    body: { window: 'TRENDING_WINDOW_DAY', pageSize: 3 },
  },
  { why: 'Money', service: 'user', method: 'plaza.user.v1.WalletService/GetWallet', body: { userId } },
  { why: 'Their orders', service: 'order', method: 'plaza.order.v1.OrderService/ListOrders', body: { userId, pageSize: 3 } },
  { why: 'Is every event out?', service: 'order', method: 'plaza.common.v1.EventAdminService/GetOutboxStatus', body: {} },
];

const json = (call: Call): string => JSON.stringify(call.body);

const bufCurl = (call: Call, addresses: CheatSheetOptions['addresses'], { buf, scheme }: Spoken): string =>
  `npx buf curl --protocol grpc ${buf} -H "authorization: Bearer $TOKEN" -d '${json(call)}' ${scheme}://${addresses[call.service]}/${call.method}`;

/** How a connection is asked for. */
interface Spoken {
  readonly scheme: 'http' | 'https';
  readonly buf: string;
  readonly grpcurl: string;
}

const PLAINTEXT: Spoken = { scheme: 'http', buf: '--http2-prior-knowledge', grpcurl: '-plaintext' };

const overTls = ({ caFile, certFile, keyFile }: Tls): Spoken => {
  const flags = (dash: string) => `${dash}cacert ${caFile} ${dash}cert ${certFile} ${dash}key ${keyFile}`;
  return { scheme: 'https', buf: flags('--'), grpcurl: flags('-') };
};
