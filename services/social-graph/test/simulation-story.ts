import type { Fault } from '@plaza/dynamo';
import fc from 'fast-check';

import { people } from './world.ts';

export const CROWD = people(3);
/** Fewer than there are others. */
export const LIMIT = 1;

const KINDS = ['follow', 'unfollow', 'remove', 'approve', 'reject', 'block', 'unblock', 'mute', 'unmute'] as const;
const WEIGHTS: Partial<Record<(typeof KINDS)[number], number>> = { follow: 5, approve: 2, block: 2 };
const [a, b, c] = CROWD as [string, string, string];
/** Mostly two of them, so that much happens between the same. */
const between = fc.oneof(
  { arbitrary: fc.constant({ one: a, other: b }), weight: 4 },
  { arbitrary: fc.constant({ one: b, other: a }), weight: 3 },
  fc.constantFrom(...CROWD.flatMap((one) => CROWD.filter((id) => id !== one).map((other) => ({ one, other })))),
);

/** What somebody does to somebody. */
const act = fc.record({
  kind: fc.oneof(...KINDS.map((kind) => ({ arbitrary: fc.constant(kind), weight: WEIGHTS[kind] ?? 1 }))),
  between,
  /** Sent once more by somebody else, at some time. */
  again: fc.boolean(),
  reposts: fc.boolean(),
});
/** Somebody goes private or public: the user service tells it, or only its event does, or the event comes much later. */
const turn = fc.record({
  kind: fc.constant('turn' as const),
  who: fc.oneof({ arbitrary: fc.constant(b), weight: 2 }, fc.constantFrom(...CROWD)),
  isPrivate: fc.boolean(),
  heard: fc.constantFrom('call' as const, 'event' as const, 'both' as const),
});
const some = fc.oneof({ arbitrary: act, weight: 7 }, { arbitrary: turn, weight: 3 });

const deed = (kind: (typeof KINDS)[number], one: string, other: string) => ({
  kind,
  between: { one, other },
  again: false,
  reposts: false,
});
const turns = (isPrivate: boolean) => ({ kind: 'turn' as const, who: b, isPrivate, heard: 'both' as const });
const asked = [turns(true), deed('follow', a, b)];
/** How it stands between two before they begin: chance alone seldom comes so far. */
const opening = fc.constantFrom(
  [],
  [turns(true)],
  asked,
  [...asked, deed('follow', a, c)],
  [...asked, deed('unfollow', a, b), turns(false), turns(true)],
  [deed('follow', a, b), deed('follow', b, a)],
);

/** First one after the other, then all at once. */
export const story = fc.record({
  before: fc.tuple(opening, fc.array(some, { maxLength: 3 })).map((parts) => parts.flat()),
  together: fc.array(some, { minLength: 1, maxLength: 7 }),
  /** Whether the changes of profiles are heard once more at the end. */
  replayed: fc.boolean(),
});
export type Story = typeof story extends fc.Arbitrary<infer T> ? T : never;
export type Act = Story['together'][number];
export type Turn = Extract<Act, { kind: 'turn' }>;

export const faults = fc.array(
  fc.option(fc.constantFrom<Fault>('conflict', 'throttle', 'lost-reply', 'unreachable'), { nil: undefined, freq: 3 }),
  { maxLength: 40 },
);

export type Scheduler = ReturnType<typeof fc.scheduler> extends fc.Arbitrary<infer T> ? T : never;
