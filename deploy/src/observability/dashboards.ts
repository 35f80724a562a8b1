import { FAILURES, SLO } from './alerts.ts';
import { FLOW, SHOP } from './flow-dashboards.ts';
import { curves, number, quantile, quantiles, rate, type Dashboard } from './panel.ts';
import { STORES } from './store-dashboard.ts';

const FAILED = `grpc_code=~"${FAILURES}"`;

/** Rate, errors and duration of every process, and of the RPCs of those chosen. */
const OVERVIEW: Dashboard = {
  uid: 'overview',
  title: 'overview',
  rows: [
    {
      title: 'Now',
      panels: [
        number('Processes that answer', 'short', 'sum(up{job=~"$job"})'),
        number('Calls', 'reqps', 'sum(rate(grpc_server_handled_total{job=~"$job"}[5m]))'),
        number(
          'Calls that we failed',
          'percentunit',
          `sum(rate(grpc_server_handled_total{job=~"$job",${FAILED}}[5m])) / sum(rate(grpc_server_handled_total{job=~"$job"}[5m]))`,
          { red: SLO.failed },
        ),
        number('Slowest of a hundred', 's', quantile(0.99, 'grpc_server_handling_seconds', '', 'job=~"$job",grpc_type="unary"'), {
          red: SLO.slowSeconds,
        }),
        number('Oldest event not sent', 's', 'max(outbox_oldest_seconds{job=~"$job"})', { red: 30 }),
        number('Feed rows, slowest of a hundred', 's', quantile(0.99, 'feed_fanout_lag_seconds'), { red: 5 }),
      ],
    },
    {
      title: 'Processes',
      panels: [
        curves('Calls', 'reqps', [{ expr: rate('grpc_server_handled_total', 'job'), legend: '{{job}}' }]),
        curves(
          'Share that we failed',
          'percentunit',
          [
            {
              expr: `${rate('grpc_server_handled_total', 'job', `job=~"$job",${FAILED}`)} / ${rate('grpc_server_handled_total', 'job')}`,
              legend: '{{job}}',
            },
          ],
          { red: SLO.failed, help: 'The objective is drawn as a line: one call in a thousand.' },
        ),
        curves(
          'Time to answer, slowest of a hundred',
          's',
          [
            {
              expr: quantile(0.99, 'grpc_server_handling_seconds', 'job', 'job=~"$job",grpc_type="unary"'),
              legend: '{{job}}',
            },
          ],
          { red: SLO.slowSeconds },
        ),
        curves(
          'Turned away',
          'reqps',
          [
            { expr: rate('grpc_server_overloaded_total', 'job'), legend: '{{job}}: no place' },
            {
              expr: rate('rate_limited_calls_total', 'job, kind', 'job=~"$job",result="refused"'),
              legend: '{{job}}: limit by {{kind}}',
            },
            { expr: rate('session_refusals_total', 'job, reason'), legend: '{{job}}: {{reason}}' },
          ],
          { help: 'Refusals by design: full, above a rate limit, or a session that has ended.' },
        ),
      ],
    },
    {
      title: 'RPCs',
      panels: [
        curves('Calls', 'reqps', [
          {
            expr: `topk(10, ${rate('grpc_server_handled_total', 'grpc_service, grpc_method')})`,
            legend: '{{grpc_service}}/{{grpc_method}}',
          },
        ]),
        curves('Not OK, by code', 'reqps', [
          {
            expr: `topk(15, ${rate('grpc_server_handled_total', 'grpc_method, grpc_code', 'job=~"$job",grpc_code!="OK"')})`,
            legend: '{{grpc_method}} {{grpc_code}}',
          },
        ]),
        curves('Slowest of a hundred', 's', [
          {
            expr: `topk(10, ${quantile(0.99, 'grpc_server_handling_seconds', 'grpc_method', 'job=~"$job",grpc_type="unary"')})`,
            legend: '{{grpc_method}}',
          },
        ]),
        curves(
          'Begun and not ended yet',
          'short',
          [
            {
              expr:
                'topk(10, sum by (grpc_method) (grpc_server_started_total{job=~"$job"})' +
                ' - sum by (grpc_method) (grpc_server_handled_total{job=~"$job"}))',
              legend: '{{grpc_method}}',
            },
          ],
          { help: 'A curve that only rises is a call that never ends.' },
        ),
      ],
    },
    {
      title: 'Peers, as their callers see them',
      panels: [
        curves('Calls that failed', 'reqps', [
          {
            expr: rate('grpc_client_handled_total', 'job, grpc_service, grpc_code', `job=~"$job",${FAILED}`),
            legend: '{{job}} → {{grpc_service}} {{grpc_code}}',
          },
        ]),
        curves('Slowest of a hundred', 's', [
          {
            expr: quantile(0.99, 'grpc_client_handling_seconds', 'job, grpc_service'),
            legend: '{{job}} → {{grpc_service}}',
          },
        ]),
        curves('Calls', 'reqps', [
          { expr: rate('grpc_client_started_total', 'job, grpc_service'), legend: '{{job}} → {{grpc_service}}' },
        ]),
        curves('Stuck channels replaced', 'ops', [
          { expr: rate('grpc_client_channels_replaced_total', 'job, target'), legend: '{{job}} → {{target}}' },
        ]),
      ],
    },
    {
      title: 'Inside the processes',
      panels: [
        curves(
          'Processor',
          'short',
          [{ expr: rate('process_cpu_seconds_total', 'job, instance'), legend: '{{job}} {{instance}}' }],
          {
            help: 'Cores in use. One process computes on one core.',
          },
        ),
        curves('Memory', 'bytes', [{ expr: 'process_resident_memory_bytes{job=~"$job"}', legend: '{{job}} {{instance}}' }]),
        curves(
          'Event loop late',
          's',
          [{ expr: 'nodejs_eventloop_lag_p99_seconds{job=~"$job"}', legend: '{{job}} {{instance}}' }],
          { red: 0.1 },
        ),
        curves('Open now', 'short', [
          { expr: 'sum by (job) (grpc_server_in_flight{job=~"$job"})', legend: '{{job}} calls' },
          { expr: 'sum by (job) (grpc_server_watches{job=~"$job"})', legend: '{{job}} streams' },
        ]),
        curves('Certificate has left', 's', [
          { expr: 'min by (job) (tls_certificate_expires_seconds{job=~"$job"}) - time()', legend: '{{job}}' },
        ]),
        {
          title: 'What runs',
          kind: 'table',
          unit: 'short',
          queries: [{ expr: 'count by (job, version, node) (plaza_build_info{job=~"$job"})', legend: '' }],
        },
      ],
    },
    {
      title: 'Sessions',
      panels: [
        curves('Is every end of a session heard of', 'short', [
          { expr: 'min by (job) (session_watch_sure{job=~"$job"})', legend: '{{job}}' },
        ]),
        curves('Questions to the user service, and ends heard of', 'ops', [
          { expr: rate('session_asks_total', 'job, result'), legend: '{{job}} {{result}}' },
          { expr: rate('session_ends_heard_total', 'job'), legend: '{{job}} heard' },
        ]),
        curves('Answers of the rate limits', 'reqps', [
          { expr: rate('rate_limited_calls_total', 'kind, result'), legend: '{{kind}} {{result}}' },
        ]),
        curves('Time to answer', 's', quantiles('grpc_server_handling_seconds', 'job', 'job=~"$job",grpc_type="unary"')),
      ],
    },
  ],
};

export const DASHBOARDS: readonly Dashboard[] = [OVERVIEW, FLOW, STORES, SHOP];
