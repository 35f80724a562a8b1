import { setTimeout as pause } from 'node:timers/promises';

import { credentials, Metadata, type Client } from '@grpc/grpc-js';

import { rawClient } from './raw-client.ts';

/**
 * The load generator, a process of its own: unary calls over raw bytes, so that it decodes nothing and costs both sides of a
 * comparison the same. A closed loop, or an open one if a rate is given: a call then begins when it is due, whatever became of
 * those before, and its time counts from there. Reads its job from argv, writes its result to standard output as JSON.
 */
export interface Job {
  readonly address: string;
  readonly path: string;
  /** The request message, base64; of several, each call sends the next one. */
  readonly request: string | readonly string[];
  readonly token: string;
  /** Of a closed loop: how many calls are under way at any time. */
  readonly concurrency: number;
  /** Of an open loop: calls a second. */
  readonly rate?: number;
  /** The status code that each call is to end with; OK if it is missing. */
  readonly expected?: number;
  readonly warmUpMs: number;
  readonly durationMs: number;
}

export interface Load {
  readonly calls: number;
  readonly errors: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const job = JSON.parse(process.argv[2]!) as Job;
const raw = (bytes: Buffer) => bytes;
const Raw = rawClient(job.path);
const requests = [job.request].flat().map((text) => Buffer.from(text, 'base64'));
let sent = 0;
const metadata = new Metadata();
if (job.token) metadata.set('authorization', `Bearer ${job.token}`);

// One connection carries the lanes of one core's worth of callers; two keep a server from waiting for one socket.
const clients = [0, 1].map(() => new Raw(job.address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 }));
const call = (client: Client) =>
  new Promise<boolean>((resolve) => {
    const ended = (code: number) => resolve(code === (job.expected ?? 0));
    const options = { deadline: Date.now() + 5_000 };
    client.makeUnaryRequest(job.path, raw, raw, requests[sent++ % requests.length]!, metadata, options, (error) =>
      ended(error?.code ?? 0),
    );
  });

const run = async (durationMs: number) => {
  const times: number[] = [];
  let errors = 0;
  const start = performance.now();
  const timed = async (i: number, begun: number) => {
    if (await call(clients[i % clients.length]!)) times.push(performance.now() - begun);
    else errors++;
  };
  const lane = async (i: number) => {
    while (performance.now() - start < durationMs) await timed(i, performance.now());
  };
  const onTime = async (rate: number) => {
    const calls: Promise<void>[] = [];
    for (let due = 0; due < durationMs; due = (calls.length * 1_000) / rate) {
      const early = start + due - performance.now();
      if (early > 0) await pause(early);
      calls.push(timed(calls.length, start + due));
    }
    await Promise.all(calls);
  };
  if (job.rate === undefined) await Promise.all(Array.from({ length: job.concurrency }, (_, i) => lane(i)));
  else await onTime(job.rate);
  const seconds = (performance.now() - start) / 1_000;
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return { calls: times.length, errors, perSecond: times.length / seconds, p50Ms: at(0.5), p99Ms: at(0.99) };
};

await run(job.warmUpMs);
const load: Load = await run(job.durationMs);
for (const client of clients) client.close();
process.stdout.write(JSON.stringify(load));
