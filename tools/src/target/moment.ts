import { Trouble } from './trouble.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `10m`, `2h`, `1d` ago, or a time as RFC 3339 has it, as epoch milliseconds. @throws Trouble */
export const momentOf = (text: string, now: number): number => {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) return now - Number(count) * UNITS[unit]!;
  const time = Date.parse(text);
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(time)) return time;
  throw new Trouble(`no time is called ${text}`, ['10m, 2h or 1d ago, or 2026-01-31T12:00:00Z']);
};

/** `12 s`, `5 min`, `3 h`, `2 d`: as long as people say it. */
export const spanOf = (ms: number): string => {
  const s = Math.max(0, ms) / 1_000;
  if (s < 90) return `${Math.round(s)} s`;
  if (s < 5_400) return `${Math.round(s / 60)} min`;
  return s < 129_600 ? `${Math.round(s / 3_600)} h` : `${Math.round(s / 86_400)} d`;
};
