import type { Context, Tls } from '@plaza/core';
import type { PlazaClients } from '@plaza/testing';

/** What the launcher hands to the demo loader. Every call goes through the public RPCs. */
export interface DemoOptions {
  /** All clients; the token follows `ctx.caller`, so the context decides who calls. */
  readonly clients: PlazaClients;
  /** A fresh admin context, good for `timeoutMs` (10,000 by default). */
  readonly adminContext: (timeoutMs?: number) => Context;
  /** A fresh context of one user. */
  readonly userContext: (userId: string, timeoutMs?: number) => Context;
  readonly namespace: string;
  readonly progress: Progress;
  /** A folder that outlives the run (`.plaza`): the loader keeps its place here and resumes from it. */
  readonly dataDir: string;
  /** The friendship graph: a pair of ids a line. */
  readonly graphFile: string;
  /** Messages that wait for any consumer; absent where the bus is not known. */
  readonly waiting?: () => Promise<number>;
  /** Seeded, in [0, 1): one seed, one demo. */
  readonly random: () => number;
}

/** Bars on a terminal, plain lines elsewhere. */
export interface Progress {
  bar(label: string, total: number): ProgressBar;
}

export interface ProgressBar {
  /** `n` more are done; 1 by default. */
  tick(n?: number): void;
  /** Ends the bar with its time. */
  done(): void;
}

export interface DemoSummary {
  readonly users: number;
  readonly shops: number;
  readonly follows: number;
  readonly products: number;
  readonly posts: number;
  readonly orders: number;
  /** Whether an earlier run had already loaded everything. */
  readonly resumed: boolean;
  /** The person whose feed is shown and who appears in the cheat sheet. */
  readonly reader: { readonly userId: string; readonly username: string };
  /** Expectations that did not hold, such as a count; `--once` fails if there is one. */
  readonly problems: readonly string[];
}

/** A page of the reader's home feed, for people. Gives back how many items it had. */
export type PrintFeedPage = (options: DemoOptions, summary: DemoSummary, print: (line: string) => void) => Promise<number>;

export interface Freshness {
  readonly posts: number;
  readonly followers: number;
  /** From the answer of CreatePost to the post's appearance in every follower's feed, in milliseconds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export type MeasureFreshness = (options: DemoOptions, summary: DemoSummary, posts: number) => Promise<Freshness>;

export interface CheatSheetOptions {
  readonly summary: DemoSummary;
  /** Service → host:port. */
  readonly addresses: Readonly<Record<'user' | 'product' | 'order' | 'social-graph' | 'feed', string>>;
  readonly adminToken: string;
  /** What a caller shows to be let in; absent: plaintext. */
  readonly tls?: Tls | undefined;
}

export interface CheatSheet {
  /** To print as it is. */
  readonly text: string;
  /** The `npx buf curl` calls in it, each runnable by a shell from the root of the repository; `--once` runs all of them. */
  readonly commands: readonly string[];
}

/** load.ts: loadDemo · feed-page.ts: printFeedPage · freshness.ts: measureFreshness · cheat-sheet.ts: cheatSheet */
export type LoadDemo = (options: DemoOptions) => Promise<DemoSummary>;
export type MakeCheatSheet = (options: CheatSheetOptions) => CheatSheet;
