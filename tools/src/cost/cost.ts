import { behindOf } from './behind.ts';
import type { Measured, Units } from './capacity.ts';
import { DAYS_A_MONTH, HOURS_A_MONTH, PRICES } from './prices.ts';
import type { Usage } from './usage.ts';

/** One RPC: what a call consumes and costs, with what follows behind its answer, and what all users make of it in a month. */
export interface Item extends Units {
  readonly rpc: string;
  readonly service: string;
  /** Of one call, in dollars: its own units, and those behind it. */
  readonly call: number;
  readonly behind: Units;
  readonly behindCall: number;
  readonly callsAMonth: number;
  readonly month: number;
}

export interface Bill {
  readonly users: number;
  /** The dearest first. */
  readonly items: readonly Item[];
  readonly units: Units;
  readonly onDemand: number;
  /** For the busiest hour, at 70 % of what is provisioned. */
  readonly provisioned: number;
  /** Gigabytes after a month, and what keeping and backing them up costs in the next one. */
  readonly storedGb: number;
  readonly storage: number;
  readonly backup: number;
}

const TARGET = 0.7;

export const billOf = (measured: readonly Measured[], usage: Usage, users: number): Bill => {
  const items = measured.map((one) => itemOf(one, usage, users)).toSorted((a, b) => b.month - a.month || b.call - a.call);
  const sum = (of: (item: Item) => number) => items.reduce((total, item) => total + of(item), 0);
  const units = {
    reads: sum(({ reads, behind, callsAMonth }) => callsAMonth * (reads + behind.reads)),
    writes: sum(({ writes, behind, callsAMonth }) => callsAMonth * (writes + behind.writes)),
  };
  const storedGb = (units.writes * KEPT * usage.rowBytes) / 1e9;
  return {
    users,
    items,
    units,
    onDemand: sum(({ month }) => month),
    provisioned: provisionedOf(units, usage),
    storedGb,
    storage: storedGb * PRICES.storageGbMonth,
    backup: storedGb * PRICES.backupGbMonth,
  };
};

/** Of what is written, a unit each, so much is a row that stays: the rest are updates, request rows, outboxes and marks that expire. */
const KEPT = 0.3;

const itemOf = ({ rpc, service, reads, writes, mutation }: Measured, usage: Usage, users: number): Item => {
  const parts = behindOf(rpc, mutation, usage);
  const behind = {
    reads: parts.reduce((total, part) => total + part.reads, 0),
    writes: parts.reduce((total, part) => total + part.writes, 0),
  };
  const [call, behindCall] = [dollars({ reads, writes }), dollars(behind)];
  const callsAMonth = (usage.calls[rpc] ?? 0) * users * DAYS_A_MONTH;
  return { rpc, service, reads, writes, call, behind, behindCall, callsAMonth, month: callsAMonth * (call + behindCall) };
};

const dollars = ({ reads, writes }: Units): number => reads * PRICES.onDemand.readUnit + writes * PRICES.onDemand.writeUnit;

const provisionedOf = ({ reads, writes }: Units, { peak }: Usage): number => {
  const perSecond = (units: number) => Math.ceil((units / (HOURS_A_MONTH * 3_600)) * (peak / TARGET));
  const { readUnitHour, writeUnitHour } = PRICES.provisioned;
  return HOURS_A_MONTH * (perSecond(reads) * readUnitHour + perSecond(writes) * writeUnitHour);
};

/** Names in the usage that no table has: a slip would make a bill too small in silence. */
export const unknownCalls = (measured: readonly Measured[], { calls }: Usage): string[] =>
  Object.keys(calls).filter((rpc) => !measured.some((one) => one.rpc === rpc));
