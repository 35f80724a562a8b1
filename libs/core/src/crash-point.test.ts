import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, expect, test } from 'vitest';

import { armCrashPoint, crashPoint } from './crash-point.ts';

afterEach(() => armCrashPoint(undefined));

test('a point that is not armed does nothing', () => {
  expect(() => crashPoint('order.after-hold')).not.toThrow();
  armCrashPoint('order.after-hold:lose');
  expect(() => crashPoint('order.after-paid')).not.toThrow();
});

test('an answer is lost once', () => {
  armCrashPoint('order.after-hold:lose');
  expect(() => crashPoint('order.after-hold')).toThrow(expect.objectContaining({ code: 'UNAVAILABLE', reason: 'REPLY_LOST' }));
  expect(() => crashPoint('order.after-hold')).not.toThrow();
});

test('a file may name the point while the process runs, and name none', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'crash-point-')), 'where');
  writeFileSync(file, '');
  armCrashPoint(`@${file}`);
  expect(() => crashPoint('order.after-hold')).not.toThrow();
  writeFileSync(file, 'order.after-hold:lose');
  expect(() => crashPoint('order.after-paid')).not.toThrow();
  expect(() => crashPoint('order.after-hold')).toThrow(expect.objectContaining({ reason: 'REPLY_LOST' }));
});

test('a word that is none of the three is refused', () => {
  expect(() => armCrashPoint('order.after-hold:explode')).toThrow('none of exit, pause, lose');
});
