import type { WriteStream } from 'node:tty';

import type { Progress, ProgressBar } from '../demo/types.ts';

export interface Screen extends Progress {
  line(text?: string): void;
  /** A step that is over, with the time it took. */
  step(text: string, ms: number): void;
  /** Bars whose work broke off. */
  forgetBars(): void;
}

interface Bar {
  readonly label: string;
  readonly total: number;
  readonly start: number;
  count: number;
}

type Output = Pick<WriteStream, 'write'> & { readonly isTTY?: boolean };

const WIDTH = 30;
const REDRAW_MS = 100;

/**
 * Lines, and below them the bars that are under way. Elsewhere than on a terminal a bar is plain lines: one for each
 * quarter, and one at its end.
 */
export const createScreen = (out: Output): Screen => {
  const bars: Bar[] = [];
  let drawn = 0;
  let drawnAt = 0;

  const erase = () => {
    if (drawn > 0) out.write(`\x1b[${drawn}A\x1b[J`);
    drawn = 0;
  };
  const draw = () => {
    if (!out.isTTY) return;
    erase();
    for (const bar of bars) out.write(`${asBar(bar)}\n`);
    drawn = bars.length;
    drawnAt = performance.now();
  };
  const line = (text = '') => {
    erase();
    out.write(`${text}\n`);
    draw();
  };
  const step = (text: string, ms: number) => line(`${seconds(ms)}  ${text}`);

  const bar = (label: string, total: number): ProgressBar => {
    const own: Bar = { label, total, start: performance.now(), count: 0 };
    bars.push(own);
    draw();
    return {
      tick: (n = 1) => {
        const quarter = Math.floor((4 * own.count) / total);
        own.count += n;
        const passed = Math.floor((4 * own.count) / total);
        if (out.isTTY) {
          if (performance.now() - drawnAt > REDRAW_MS) draw();
        } else if (passed > quarter && passed < 4) {
          line(`          ${label}: ${own.count} of ${total}`);
        }
      },
      done: () => {
        const index = bars.indexOf(own);
        if (index >= 0) bars.splice(index, 1);
        step(`${label}: ${own.count} of ${total}`, performance.now() - own.start);
      },
    };
  };
  const forgetBars = () => {
    bars.length = 0;
    draw();
  };
  return { line, step, bar, forgetBars };
};

const asBar = ({ label, total, count, start }: Bar): string => {
  const share = total === 0 ? 1 : Math.min(1, count / total);
  const full = Math.round(share * WIDTH);
  const rate = count / Math.max(0.001, (performance.now() - start) / 1_000);
  return `          ${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${label} ${count}/${total} · ${Math.round(rate)}/s`;
};

export const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2).padStart(6)} s`;
