import { afterEach, expect, test } from 'vitest';

import { armCrashPoint, crashPoint } from './crash-point.ts';

afterEach(() => armCrashPoint(undefined));

test('a point that is not armed does nothing', () => {
  crashPoint('order.after-hold');
  armCrashPoint('order.after-hold:lose');
  crashPoint('order.after-paid');
});

test('an answer is lost once', () => {
  armCrashPoint('order.after-hold:lose');
  expect(() => crashPoint('order.after-hold')).toThrow(expect.objectContaining({ code: 'UNAVAILABLE', reason: 'REPLY_LOST' }));
  crashPoint('order.after-hold');
});

test('a word that is none of the three is refused', () => {
  expect(() => armCrashPoint('order.after-hold:explode')).toThrow('none of exit, pause, lose');
});
