import { beforeEach, describe, expect, test } from 'vitest';

import { createHearing, REMEMBERED_MS, type Hearing } from '../src/hearing.ts';

let at: number;
let hearing: Hearing;
beforeEach(() => {
  at = 1_000_000;
  hearing = createHearing(() => at);
});

describe('being sure', () => {
  test('begins with the first beat on a connection whose round trip works', () => {
    expect(hearing.sureSince()).toBeUndefined();
    hearing.opened();
    hearing.roundTrip(at);
    expect(hearing.sureSince()).toBeUndefined();
    later(100);
    hearing.beat();
    expect(hearing.sureSince()).toBe(1_000_100);
    beatsFor(60_000);
    expect(hearing.sureSince()).toBe(1_000_100);
  });

  test('ends when no beat came for 750 ms, and begins anew with the next', () => {
    begin();
    later(749);
    hearing.roundTrip(at);
    expect(hearing.sureSince()).toBe(1_000_000);
    later(1);
    hearing.roundTrip(at);
    expect(hearing.sureSince()).toBeUndefined();
    hearing.beat();
    expect(hearing.sureSince()).toBe(1_000_750);
  });

  test('a beat that breaks the silence before anyone looked begins anew too', () => {
    begin();
    later(5_000);
    hearing.roundTrip(at);
    hearing.beat();
    expect(hearing.sureSince()).toBe(1_005_000);
  });

  test('ends with the connection; a beat on the next one begins anew, however soon', () => {
    begin();
    hearing.closed();
    expect(hearing.sureSince()).toBeUndefined();
    hearing.beat();
    expect(hearing.sureSince()).toBeUndefined();
    later(10);
    hearing.opened();
    hearing.roundTrip(at);
    expect(hearing.sureSince()).toBeUndefined();
    hearing.beat();
    expect(hearing.sureSince()).toBe(1_000_010);
  });

  test('a slow way, on which beats come late but regularly, is not trusted; once it is fast again nothing was missed', () => {
    begin();
    for (let i = 0; i < 10; i++) {
      later(200);
      hearing.beat();
      hearing.roundTrip(at - 400);
    }
    expect(hearing.sureSince()).toBeUndefined();
    hearing.roundTrip(at - 399);
    expect(hearing.sureSince()).toBe(1_000_000);
  });

  test('ends with what could not be understood; the next beat begins anew, behind it', () => {
    begin();
    later(100);
    hearing.missed();
    expect(hearing.sureSince()).toBeUndefined();
    expect(hearing.sureUntil(1_000_000)).toBe(1_000_000);
    later(100);
    hearing.roundTrip(at);
    hearing.beat();
    expect(hearing.sureSince()).toBe(1_000_200);
  });

  test('times without a miss are remembered after their end', () => {
    expect(hearing.sureUntil(at)).toBe(1_000_000);
    begin();
    beatsFor(1_000);
    hearing.closed();
    later(10_000);
    expect(hearing.sureUntil(999_999)).toBe(999_999);
    expect(hearing.sureUntil(1_000_000)).toBe(1_001_000);
    expect(hearing.sureUntil(1_000_700)).toBe(1_001_000);
    expect(hearing.sureUntil(1_005_000)).toBe(1_005_000);
    begin();
    beatsFor(1_000);
    expect(hearing.sureUntil(1_000_700)).toBe(1_001_000);
    expect(hearing.sureUntil(1_011_500)).toBe(1_012_000);
  });
});

describe('what is remembered', () => {
  const session = { id: 's1', epoch: 3 };

  test('one session, whoever else the user is elsewhere', () => {
    hearing.ended({ userId: 'u1', sessionId: 's1', epoch: 3 });
    expect(hearing.hasEnded('u1', session)).toBe(true);
    expect(hearing.hasEnded('u1', { id: 's2', epoch: 3 })).toBe(false);
  });

  test('all of a lower epoch, and no lower one heard later takes that back', () => {
    hearing.ended({ userId: 'u1', sessionId: '', epoch: 4 });
    hearing.ended({ userId: 'u1', sessionId: '', epoch: 2 });
    expect(hearing.hasEnded('u1', session)).toBe(true);
    expect(hearing.hasEnded('u1', { id: 's2', epoch: 4 })).toBe(false);
    expect(hearing.hasEnded('u2', session)).toBe(false);
  });

  test('for longer than an access token lives, and not for ever', () => {
    hearing.ended({ userId: 'u1', sessionId: 's1', epoch: 3 });
    later(REMEMBERED_MS - 1);
    hearing.ended({ userId: 'u2', sessionId: 's2', epoch: 0 });
    expect(hearing.hasEnded('u1', session)).toBe(true);
    for (let i = 0; i < 2; i++) {
      later(REMEMBERED_MS);
      hearing.ended({ userId: 'u3', sessionId: `s3/${i}`, epoch: 0 });
    }
    expect(hearing.hasEnded('u1', session)).toBe(false);
  });
});

const later = (ms: number) => void (at += ms);

const begin = () => {
  hearing.opened();
  hearing.roundTrip(at);
  hearing.beat();
};

const beatsFor = (ms: number) => {
  for (let passed = 0; passed < ms; passed += 200) {
    later(200);
    hearing.roundTrip(at);
    hearing.beat();
  }
};
