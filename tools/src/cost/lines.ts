import type { Bill, Item } from './cost.ts';
import { PRICES } from './prices.ts';

/** The bill for people: each RPC's price, then the month, the largest items first. */
export const billLines = (bill: Bill): string[] => [
  `What a million calls consume and cost, on demand (${PRICES.region}, ${PRICES.asOf}; prices change):`,
  '',
  ...table(
    ['RPC', 'reads', 'writes', '$ a million', 'behind: reads', 'writes', '$ a million'],
    bill.items
      .toSorted((a, b) => b.call + b.behindCall - a.call - a.behindCall)
      .map((item) => [
        item.rpc,
        String(item.reads),
        String(item.writes),
        money(item.call * 1e6),
        String(item.behind.reads),
        String(item.behind.writes),
        money(item.behindCall * 1e6),
      ]),
  ),
  '',
  `A month of ${bill.users} users, the largest items first:`,
  '',
  ...table(
    ['RPC', 'calls', '$', 'share'],
    bill.items.filter(({ month }) => month > 0).map((item) => monthRow(item, bill)),
  ),
  '',
  `requests, on demand          $ ${money(bill.onDemand)} (${count(bill.units.reads)} reads, ${count(bill.units.writes)} writes)`,
  `requests, provisioned        $ ${money(bill.provisioned)} (for the busiest hour, at 70 %; with autoscaling less)`,
  `storage after a month        $ ${money(bill.storage)} (${bill.storedGb.toFixed(2)} GB)`,
  `point-in-time recovery       $ ${money(bill.backup)}`,
  `cheaper for the requests     ${bill.provisioned < bill.onDemand ? 'provisioned' : 'on demand'}`,
  '',
  'Capacity is measured (services/*/README.md); what follows behind an answer and what people do is stated in tools/src/cost.',
];

const monthRow = ({ rpc, callsAMonth, month }: Item, { onDemand }: Bill): string[] => [
  rpc,
  count(callsAMonth),
  money(month),
  `${Math.round((100 * month) / onDemand)} %`,
];

const money = (dollars: number): string => dollars.toFixed(2);

const count = (n: number): string => Math.round(n).toLocaleString('en-US');

const table = (head: string[], rows: string[][]): string[] => {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const line = (row: string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ');
  return all.map((row) => `  ${line(row)}`.trimEnd());
};
