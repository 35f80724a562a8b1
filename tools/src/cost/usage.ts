/** What a person does on an ordinary day: calls by RPC. Change it by `--usage <file>`, JSON of the same shape, laid over this. */
export interface Usage {
  readonly calls: Readonly<Record<string, number>>;
  /** Followers of an author whose feeds are kept up to date, which are those that read them. */
  readonly activeFollowers: number;
  /** A day's busiest hour against its mean: provisioned capacity must hold it. */
  readonly peak: number;
  /** Bytes of a stored row, and how many rows a written one leaves for good. */
  readonly rowBytes: number;
}

/** Half an hour a day: six looks at home of two pages each, some reading, a post every other day, an order a week. */
export const USAGE: Usage = {
  calls: {
    'SessionService/RefreshSession': 4,
    'SessionService/CheckSession': 8,
    'FeedService/ListHomeFeed': 12,
    'FeedService/MarkFeedSeen': 6,
    'NotificationService/GetUnreadCount': 6,
    'NotificationService/ListNotifications': 2,
    'NotificationService/MarkRead': 2,
    'PostService/GetPost': 8,
    'PostService/ListReplies': 3,
    'PostService/ListPosts': 2,
    'PostService/CreatePost': 0.5,
    'PostService/Like': 4,
    'PostService/Repost': 0.2,
    'UserService/GetUser': 4,
    'SocialGraphService/BatchGetCounts': 2,
    'SocialGraphService/Follow': 0.2,
    'SocialGraphService/Unfollow': 0.02,
    'ProductService/GetProduct': 3,
    'ProductService/SearchProducts': 1,
    'CartService/GetCart': 1,
    'CartService/AddCartItem': 0.3,
    'OrderService/CreateOrder': 0.14,
    'InventoryService/ReserveStock': 0.14,
    'InventoryService/CommitReservation': 0.14,
    'WalletService/PlaceHold': 0.14,
    'WalletService/CaptureHold': 0.14,
    'order.saga': 0.14,
    'OrderService/GetOrder': 0.5,
  },
  activeFollowers: 40,
  peak: 3,
  rowBytes: 500,
};
