import { expect, test } from 'vitest';

import { commitStep, expireStep, newReservation, releaseStep, reserveStep, tombstone, type Reservation } from './reservation.ts';
import { moves } from './stock.ts';

const wish = (lines: readonly [string, number][], ttlSeconds = 0) =>
  newReservation({ orderId: 'o', lines: lines.map(([productId, quantity]) => ({ productId, quantity })), ttlSeconds }, 1000);

test('a reservation stands 15 minutes unless the order says otherwise', () => {
  expect(wish([['A', 1]]).reservedUntil).toBe(1000 + 900_000);
  expect(wish([['A', 1]], 60).reservedUntil).toBe(1000 + 60_000);
});

test('the same lines, in any order and split in any way, are the same reservation', () => {
  const earlier = wish([
    ['A', 3],
    ['B', 1],
  ]);
  const again = wish([
    ['B', 1],
    ['A', 1],
    ['A', 2],
  ]);
  expect(reserveStep(again, earlier)).toEqual({ next: earlier });
});

test.each<[string, readonly [string, number][]]>([
  ['fewer lines', [['A', 3]]],
  [
    'another quantity',
    [
      ['A', 3],
      ['B', 2],
    ],
  ],
  [
    'another product',
    [
      ['A', 3],
      ['C', 1],
    ],
  ],
])('%s are a mismatch', (_name, lines) => {
  const earlier = wish([
    ['A', 3],
    ['B', 1],
  ]);
  expect(() => reserveStep(wish(lines), earlier)).toThrow(expect.objectContaining({ reason: 'RESERVATION_MISMATCH' }));
});

test('after a release no reservation of that order stands, whatever its lines', () => {
  const released = expect.objectContaining({ reason: 'RESERVATION_RELEASED' });
  expect(() => reserveStep(wish([['A', 1]]), inState('RELEASED'))).toThrow(released);
  expect(() => reserveStep(wish([['A', 1]]), tombstone('o', 1000))).toThrow(released);
});

test('commit sells what is reserved, once', () => {
  expect(commitStep('o', inState('RESERVED'), 2000)).toMatchObject({
    next: { state: 'COMMITTED', version: 2 },
    move: moves.commit,
  });
  expect(commitStep('o', inState('COMMITTED'), 2000)).toEqual({ next: inState('COMMITTED') });
  expect(() => commitStep('o', inState('RELEASED'), 2000)).toThrow(expect.objectContaining({ reason: 'RESERVATION_RELEASED' }));
  expect(() => commitStep('o', undefined, 2000)).toThrow(expect.objectContaining({ reason: 'RESERVATION_NOT_FOUND' }));
});

test('a reservation whose time is up can still be sold: nobody took its units', () => {
  const { reservedUntil } = inState('RESERVED');
  expect(commitStep('o', inState('RESERVED'), reservedUntil + 1).next.state).toBe('COMMITTED');
});

test('release gives back what is held, once: from the reserved units or from the sold ones', () => {
  expect(releaseStep('o', inState('RESERVED'), 2000)).toMatchObject({ next: { state: 'RELEASED' }, move: moves.release });
  expect(releaseStep('o', inState('COMMITTED'), 2000)).toMatchObject({ next: { state: 'RELEASED' }, move: moves.restock });
  expect(releaseStep('o', inState('RELEASED'), 2000)).toEqual({ next: inState('RELEASED') });
});

test('releasing an unknown order leaves a tombstone without lines', () => {
  expect(releaseStep('o', undefined, 2000).next).toMatchObject({ orderId: 'o', state: 'RELEASED', lines: [], version: 1 });
});

test('what nobody came for in time is taken back, once, and not a moment earlier', () => {
  const reserved = inState('RESERVED');
  expect(expireStep(reserved, reserved.reservedUntil - 1)).toBeUndefined();
  expect(expireStep(reserved, reserved.reservedUntil)).toMatchObject({
    next: { state: 'EXPIRED', version: 2 },
    move: moves.release,
  });
  for (const state of ['COMMITTED', 'RELEASED', 'EXPIRED'] as const)
    expect(expireStep(inState(state), reserved.reservedUntil + 1)).toBeUndefined();
  expect(expireStep(undefined, reserved.reservedUntil)).toBeUndefined();
});

test('an expired reservation can neither be sold nor made again, and has nothing to give back', () => {
  const expired = expect.objectContaining({ code: 'FAILED_PRECONDITION', reason: 'RESERVATION_EXPIRED' });
  expect(() => commitStep('o', inState('EXPIRED'), 2000)).toThrow(expired);
  expect(() => reserveStep(wish([['A', 2]]), inState('EXPIRED'))).toThrow(expired);
  expect(releaseStep('o', inState('EXPIRED'), 2000)).toEqual({ next: inState('EXPIRED') });
});

const inState = (state: Reservation['state']): Reservation => ({ ...wish([['A', 2]]), state });
