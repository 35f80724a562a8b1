/** Figures of one side of a comparison: medians over the pairs. */
export interface Side {
  readonly perSecond: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}

export interface Ratio {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface Comparison {
  readonly name: string;
  readonly unit: string;
  readonly floorName: string;
  readonly ours: Side;
  readonly floor: Side;
  /** Median of the pairs' ratios, and how far they spread. */
  readonly ratio: Ratio;
  /** Of the p99s, where both sides have one. */
  readonly p99Ratio?: Ratio;
  readonly errors: number;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** Pairs are compared one by one, so that a machine that slows down slows both sides of a ratio. */
export const compare = (
  about: Pick<Comparison, 'name' | 'unit' | 'floorName'>,
  ours: readonly Side[],
  floor: readonly Side[],
  errors: number,
): Comparison => {
  const ratioOf = (figure: (side: Side) => number): Ratio => {
    const ratios = ours.map((side, i) => figure(side) / figure(floor[i]!));
    return { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) };
  };
  const timed = [...ours, ...floor].every(({ p99Ms }) => p99Ms !== undefined);
  return {
    ...about,
    ours: middleOf(ours),
    floor: middleOf(floor),
    ratio: ratioOf(({ perSecond }) => perSecond),
    ...(timed && { p99Ratio: ratioOf(({ p99Ms = 0 }) => p99Ms) }),
    errors,
  };
};

const middleOf = (sides: readonly Side[]): Side => ({
  perSecond: median(sides.map((side) => side.perSecond)),
  ...(sides[0]?.p50Ms !== undefined && { p50Ms: median(sides.map((side) => side.p50Ms!)) }),
  ...(sides[0]?.p99Ms !== undefined && { p99Ms: median(sides.map((side) => side.p99Ms!)) }),
});

export const tableOf = (comparisons: readonly Comparison[]): string => {
  const head = ['path', 'ours /s', 'floor /s', 'ratio', 'spread', 'ours p50/p99 ms', 'floor p50/p99 ms', 'p99 ratio', 'floor'];
  const rows = comparisons.map(({ name, unit, floorName, ours, floor, ratio, p99Ratio }) => [
    `${name} (${unit})`,
    ours.perSecond.toFixed(0),
    floor.perSecond.toFixed(0),
    percent(ratio.median),
    `${percent(ratio.min)}–${percent(ratio.max)}`,
    latency(ours),
    latency(floor),
    p99Ratio === undefined ? '–' : `${p99Ratio.median.toFixed(1)} (${p99Ratio.min.toFixed(1)}–${p99Ratio.max.toFixed(1)})`,
    floorName,
  ]);
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  return [head, widths.map((width) => '─'.repeat(width)), ...rows]
    .map((row) => row.map((cell, i) => cell.padEnd(widths[i]!)).join('  '))
    .join('\n');
};

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;

const latency = (side: Side): string => (side.p50Ms === undefined ? '–' : `${side.p50Ms.toFixed(1)} / ${side.p99Ms?.toFixed(1)}`);
