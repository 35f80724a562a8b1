import { curves, number, quantile, quantiles, rate, type Dashboard } from './panel.ts';

/** Where an event is on its way, and which stage is late. */
export const FLOW: Dashboard = {
  uid: 'flow',
  title: 'from outbox to feed',
  rows: [
    {
      title: 'The way of a post: committed → published → planned → in the feeds (slowest of a hundred)',
      panels: [
        number('Published', 's', quantile(0.99, 'outbox_lag_seconds', '', 'job="feed"'), { red: 1, width: 6 }),
        number('Planned', 's', quantile(0.99, 'events_lag_seconds', '', 'durable="feed-plan-fan-out"'), { red: 3, width: 6 }),
        number('Chunk written', 's', quantile(0.99, 'events_lag_seconds', '', 'durable="feed-push-chunk"'), { red: 3, width: 6 }),
        number('In the feeds', 's', quantile(0.99, 'feed_fanout_lag_seconds'), { red: 5, width: 6 }),
      ],
    },
    {
      title: 'Outbox',
      panels: [
        curves('Age of the oldest row', 's', [{ expr: 'max by (job) (outbox_oldest_seconds{job=~"$job"})', legend: '{{job}}' }], {
          red: 30,
        }),
        curves('Rows that wait', 'short', [{ expr: 'max by (job) (outbox_pending{job=~"$job"})', legend: '{{job}}' }]),
        curves('From commit to bus', 's', quantiles('outbox_lag_seconds', 'job')),
        curves('Published', 'ops', [{ expr: `topk(10, ${rate('events_published_total', 'subject')})`, legend: '{{subject}}' }]),
        curves('Bus connected', 'short', [{ expr: 'min by (job) (bus_connected{job=~"$job"})', legend: '{{job}}' }]),
      ],
    },
    {
      title: 'Consumers',
      panels: [
        curves(
          'Messages that wait or are in hand',
          'short',
          [{ expr: 'topk(10, max by (durable) (events_consumer_pending{job=~"$job"}))', legend: '{{durable}}' }],
          { red: 1000 },
        ),
        curves('From happening to handled, slowest of a hundred', 's', [
          { expr: `topk(10, ${quantile(0.99, 'events_lag_seconds', 'durable')})`, legend: '{{durable}}' },
        ]),
        curves('Handled', 'ops', [
          {
            expr: `topk(10, ${rate('events_consumed_total', 'durable', 'job=~"$job",result="handled"')})`,
            legend: '{{durable}}',
          },
        ]),
        curves('Tried again', 'ops', [
          { expr: rate('events_consumed_total', 'durable', 'job=~"$job",result="retried"'), legend: '{{durable}}' },
        ]),
        curves('Given up on, in the last hour', 'short', [
          { expr: 'sum by (durable) (increase(events_dead_total{job=~"$job"}[1h])) > 0', legend: '{{durable}}' },
        ]),
      ],
    },
    {
      title: 'Fan-out and reads of feeds',
      panels: [
        curves('From post to feed', 's', quantiles('feed_fanout_lag_seconds'), { red: 5 }),
        curves('Rows written', 'ops', [{ expr: rate('feed_fanout_rows_total', 'job'), legend: '{{job}}' }]),
        curves('Rounds that a page took', 'short', quantiles('feed_refill_rounds'), {
          help: 'More than one: much of what was found may not be shown.',
        }),
        curves('Entries for open streams', 'ops', [{ expr: rate('feed_live_arrivals_total', 'outcome'), legend: '{{outcome}}' }]),
      ],
    },
  ],
};

/** What must be right, not only fast: orders, stock, and what the auditor finds. */
export const SHOP: Dashboard = {
  uid: 'correctness',
  title: 'orders, stock, audit',
  rows: [
    {
      title: 'Now',
      panels: [
        number('Order that waits longest', 's', 'max(order_saga_overdue_seconds)', { red: 300, width: 6 }),
        number('Orders that want a human, 24 h', 'short', 'sum(increase(order_stuck_total[1d]))', { red: 1, width: 6 }),
        number('Stock that did not agree, 24 h', 'short', 'sum(increase(product_stock_mismatches_total[1d]))', {
          red: 1,
          width: 6,
        }),
        number('Posts leaked, 24 h', 'short', 'sum(increase(feed_audit_inconsistencies_total{kind="leaked"}[1d]))', {
          red: 1,
          width: 6,
        }),
      ],
    },
    {
      title: 'Orders',
      panels: [
        curves('Settled', 'ops', [{ expr: rate('order_settled_total', 'state'), legend: '{{state}}' }]),
        curves('Steps that did not end as they should', 'ops', [
          { expr: rate('order_saga_troubles_total', 'step, reason'), legend: '{{step}} {{reason}}' },
        ]),
        curves('Overdue', 's', [
          { expr: 'max(order_saga_overdue_seconds{job=~"$job"})', legend: 'orders' },
          { expr: 'max(stock_expiry_overdue_seconds{job=~"$job"})', legend: 'reservations' },
        ]),
        curves('Reservations that ran out', 'ops', [
          { expr: rate('stock_reservations_expired_total', 'job'), legend: '{{job}}' },
        ]),
        curves('Purchases whose time to be shared came', 'ops', [
          { expr: rate('order_purchases_due_total', 'end'), legend: '{{end}}' },
        ]),
        curves('Orders that name a post', 'ops', [
          { expr: rate('feed_attributed_orders_total', 'outcome'), legend: '{{outcome}}' },
        ]),
      ],
    },
    {
      title: 'Feeds, as the auditor finds them',
      panels: [
        curves('Wrong of a million', 'short', [
          { expr: 'max by (instance) (feed_audit_inconsistencies_per_million{job=~"$job"})', legend: '{{instance}}' },
        ]),
        curves('Found wrong twice, in the last hour', 'short', [
          { expr: 'sum by (kind) (increase(feed_audit_inconsistencies_total{job=~"$job"}[1h]))', legend: '{{kind}}' },
        ]),
        curves('Compared', 'ops', [{ expr: rate('feed_audit_items_total', 'job'), legend: '{{job}}' }]),
      ],
    },
  ],
};
