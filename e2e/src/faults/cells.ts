import type { EngineName, ProcessName, ServiceName } from '@plaza/testing';

/** How a process comes to grief at a crash point; see libs/core crash-point. */
const HOWS = ['exit', 'pause', 'lose'] as const;
export type How = (typeof HOWS)[number];

/** What is away, and how. `wipe`: it loses all that it stores. */
export type Trouble = 'down' | 'slow' | 'blackhole' | 'wipe';

/** One cell of the fault matrix: what goes wrong while orders are under way. */
export type Cell =
  | { readonly kind: 'crash'; readonly point: string; readonly process: ProcessName; readonly how: How }
  | { readonly kind: 'away'; readonly what: EngineName | ServiceName; readonly trouble: Trouble };

export const nameOf = (cell: Cell): string =>
  cell.kind === 'crash' ? `${cell.point} × ${cell.how}` : `${cell.what} × ${cell.trouble}`;

/** Points on the way of an order, through all services that it needs. */
const POINTS: Readonly<Record<string, ProcessName>> = {
  'order.after-pending': 'order',
  'order.after-reserve': 'order',
  'order.after-reserved-state': 'order',
  'order.after-hold': 'order',
  'order.after-commit': 'order',
  'order.after-paid': 'order',
  'order.after-capture': 'order',
  'order.after-failed': 'order',
  'order.after-cancelled': 'order',
  'order.after-release-hold': 'order',
  'order.after-shipped': 'order',
  'order.after-refund-asked': 'order',
  'order.after-refund-paid': 'order',
  'order.after-refunded': 'order',
  'order.after-shared': 'order',
  'order.after-unshared': 'order',
  'product.after-reserve-stock': 'product',
  'product.after-commit-stock': 'product',
  'product.after-release-stock': 'product',
  'user.after-hold': 'user',
  'user.after-capture': 'user',
  'user.after-release': 'user',
  'user.after-refund': 'user',
};

/** What a wipe would take away for good is not wiped: the table is the truth, a service stores nothing. */
const AWAY: Readonly<Record<string, readonly Trouble[]>> = {
  product: ['down', 'slow', 'blackhole'],
  user: ['down', 'slow', 'blackhole'],
  dynamodb: ['down', 'slow', 'blackhole'],
  nats: ['down', 'slow', 'blackhole', 'wipe'],
  redis: ['down', 'slow', 'blackhole', 'wipe'],
};

export const PROXIES = ['product', 'user', 'dynamodb', 'nats', 'redis'] as const;

/** The crash points of the order service that the matrix has. */
export const ORDER_POINTS = Object.keys(POINTS).filter((point) => point.startsWith('order.'));

/** The whole matrix. */
export const orderCells = (): Cell[] => [
  ...Object.entries(POINTS).flatMap(([point, process]) => HOWS.map((how): Cell => ({ kind: 'crash', point, process, how }))),
  ...Object.entries(AWAY).flatMap(([what, troubles]) =>
    troubles.map((trouble): Cell => ({ kind: 'away', what: what as EngineName | ServiceName, trouble })),
  ),
];
