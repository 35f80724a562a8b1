import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { isAppError, newId } from '@plaza/core';
import { eventually, powerLawGraph, ROOT, startEngines } from '@plaza/testing';

import { startGraph, type Graph } from './graph-alone.ts';

/** The most that the service takes in one message. */
const FOLLOWEES_A_MESSAGE = 96;
/** The server lets no stream live longer than ten minutes, and no connection much longer than five. */
const STREAM_MS = 120_000;
const WINDOW_MS = 10_000;
/** Whose counts are compared with what was sent: as many of the most famous, and as many of all others. */
const SAMPLE = 50;

/**
 * Imports a graph through the real RPC into a social-graph process of its own, beside a user service in which everybody exists, and
 * tells follows per second and memory over time, and when the counts had converged. By itself, as it takes minutes:
 * `sh tools/n.sh bench/src/import-follows.ts --people 100000 --degree 20`, or `--demo` for the graph in data/.
 */
const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '2000' },
    degree: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '25' },
    demo: { type: 'boolean', default: false },
  },
});
const [people, meanDegree, seed, minutes] = [values.people, values.degree, values.seed, values.minutes].map(Number) as [
  number,
  number,
  number,
  number,
];

function* demoGraph(): Generator<readonly number[]> {
  const following: number[][] = [];
  for (const line of readFileSync(join(ROOT, 'data/socfb-Reed98.edges'), 'utf8').trim().split('\n')) {
    const [a, b] = line.split(/\s+/).map(Number) as [number, number];
    (following[a] ??= []).push(b);
    (following[b] ??= []).push(a);
  }
  for (const followees of Array.from(following)) yield followees ?? [];
}

interface Message {
  readonly followerId: string;
  readonly followeeIds: string[];
  readonly importId: string;
  readonly index: bigint;
}

const importAll = async ({ clients, asAdmin, memoryMb }: Graph): Promise<void> => {
  const importId = newId();
  const ids: string[] = [];
  const idOf = (position: number) => (ids[position] ??= newId());
  const followers: number[] = [];
  const start = performance.now();
  const stopAt = start + minutes * 60_000;
  let [index, sent, last] = [0, 0, { created: 0, at: start }];
  const graph = values.demo ? demoGraph() : powerLawGraph({ people, meanDegree, seed });

  const messages = (function* (): Generator<Message, undefined> {
    let follower = 0;
    for (const followees of graph) {
      for (let first = 0; first < followees.length; first += FOLLOWEES_A_MESSAGE) {
        const chunk = followees.slice(first, first + FOLLOWEES_A_MESSAGE);
        for (const followee of chunk) followers[followee] = (followers[followee] ?? 0) + 1;
        sent += chunk.length;
        yield { followerId: idOf(follower), followeeIds: chunk.map(idOf), importId, index: BigInt(index++) };
      }
      follower++;
    }
    return undefined;
  })();

  const tell = async () => {
    const { receipt } = await clients.graph.getImport(asAdmin(10_000), { importId });
    const [created, at] = [Number(receipt!.created), performance.now()];
    const rate = ((created - last.created) / (at - last.at)) * 1_000;
    last = { created, at };
    const seconds = ((at - start) / 1_000).toFixed(0);
    console.log(`${seconds} s: ${created} follows, ${rate.toFixed(0)} a second, ${memoryMb()} MB, refused ${receipt!.refused}`);
  };
  const ticker = setInterval(() => void tell().catch((error: unknown) => console.log(String(error))), WINDOW_MS);
  const unwritten: Message[] = [];
  try {
    for (let over = false; !over;) {
      const endAt = Math.min(performance.now() + STREAM_MS, stopAt);
      // By hand: leaving a loop over the generator would end it, and the next stream takes the rest.
      const stream = async function* () {
        yield* unwritten.slice();
        while (performance.now() < endAt) {
          const { value, done } = messages.next();
          if (done) return void (over = true);
          unwritten.push(value);
          yield value;
        }
        over ||= performance.now() >= stopAt;
      };
      try {
        await clients.graph.importFollows(asAdmin(590_000), stream());
      } catch (error) {
        if (!isAppError(error) || error.code !== 'UNAVAILABLE') throw error;
        console.log(`the stream broke: ${error.reason}; it goes on from the receipt`);
        over = false;
      }
      const { receipt } = await clients.graph.getImport(asAdmin(10_000), { importId });
      unwritten.splice(0, unwritten.findLastIndex((message) => message.index < receipt!.messages) + 1);
    }
  } finally {
    clearInterval(ticker);
  }
  await tell();
  const seconds = (performance.now() - start) / 1_000;
  console.log(`imported ${last.created} of ${sent} in ${seconds.toFixed(0)} s: ${(last.created / seconds).toFixed(0)} a second`);

  const known = [...followers.keys()].filter((position) => followers[position]);
  const famous = known.toSorted((a, b) => followers[b]! - followers[a]!).slice(0, SAMPLE);
  const others = known.filter((_, i) => i % Math.ceil(known.length / SAMPLE) === 0).slice(0, SAMPLE);
  for (const sample of [famous, others]) {
    await eventually(
      async () => {
        const { counts } = await clients.graph.batchGetCounts(asAdmin(10_000), { userIds: sample.map(idOf) });
        const wrong = sample.filter((position, i) => Number(counts[i]!.followers) !== followers[position]);
        if (wrong.length > 0) throw new Error(`${wrong.length} of ${sample.length} counts have not converged`);
      },
      { timeoutMs: 300_000, everyMs: 500 },
    );
  }
  console.log(`counts converged ${((performance.now() - start) / 1_000 - seconds).toFixed(1)} s later; ${memoryMb()} MB`);
};

const engines = await startEngines();
try {
  await using graph = await startGraph(engines);
  await importAll(graph);
} finally {
  await engines.close();
}
