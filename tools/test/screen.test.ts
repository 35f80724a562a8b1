import { expect, test } from 'vitest';

import { createScreen } from '../src/launcher/screen.ts';

test('elsewhere than on a terminal a bar is a line a quarter and one at its end, without control characters', () => {
  const { screen, written } = fakeScreen(false);
  const bar = screen.bar('posts', 100);
  for (let i = 0; i < 100; i++) bar.tick();
  bar.done();
  const lines = written().trimEnd().split('\n');
  expect(lines.map((line) => line.trim())).toEqual([
    'posts: 25 of 100',
    'posts: 50 of 100',
    'posts: 75 of 100',
    expect.stringMatching(/^\d+\.\d\d s {2}posts: 100 of 100$/),
  ]);
  expect(written()).not.toContain('\u001b');
});

test('on a terminal lines scroll above the bars that are under way', () => {
  const { screen, written } = fakeScreen(true);
  const follows = screen.bar('follows', 10);
  screen.bar('orders', 10);
  follows.tick(5);
  screen.line('a line');
  const end = written().slice(written().lastIndexOf('a line'));
  expect(end).toMatch(/^a line\n.*█{15}░{15} follows 5\/10 .*\n.*orders 0\/10/);
});

const fakeScreen = (isTTY: boolean) => {
  let text = '';
  const out = { isTTY, write: (bytes: string) => ((text += bytes), true) };
  return { screen: createScreen(out as never), written: () => text };
};
