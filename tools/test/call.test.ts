import { AppError } from '@plaza/core';
import { expect, test } from 'vitest';

import { methodText, serviceText } from '../src/call/describe.ts';
import { findMethod, findService, shortName } from '../src/call/names.ts';
import { refusalExit, refusalLines } from '../src/target/refusal.ts';

test.each(['CreateUser', 'UserService/CreateUser', 'plaza.user.v1.UserService/CreateUser', 'createuser'])(
  '%s is one RPC',
  (name) => {
    expect(shortName(findMethod(name))).toBe('UserService/CreateUser');
  },
);

test('a slip of the finger is told what it may have meant', () => {
  expect(() => findMethod('CreateUsr')).toThrow(
    expect.objectContaining({ help: expect.arrayContaining(['did you mean CreateUser?']) }),
  );
  expect(findService('UserServic')).toBeUndefined();
});

test('an RPC is described as its proto has it', () => {
  const text = methodText(findMethod('LookupUser')).join('\n');
  expect(text).toContain('Reads one person by e-mail address');
  expect(text).toContain('who: admins, the services order, product, social-graph, feed');
  expect(text).toMatch(/request\n {2}email string\nanswer\n {2}user User\n {4}userId string/);
  expect(serviceText(findService('SocialGraphService')!).join('\n')).toContain('ImportFollows ← stream: admins');
});

test('a refusal tells what came along and what the catalogue says of it', () => {
  const error = new AppError('RESOURCE_EXHAUSTED', 'RATE_LIMITED', 'too many', {
    domain: 'plaza',
    metadata: { limit: '5' },
    violations: [{ field: 'users[1].email', description: 'no address' }],
    retryAfterMs: 1_500,
  });
  expect(refusalLines(error)).toEqual([
    'RESOURCE_EXHAUSTED RATE_LIMITED (plaza): too many',
    '  users[1].email: no address',
    '  limit = 5',
    '  come back in 1.5 s',
    '  it means: too many calls of this kind; metadata: limit, window_s; RetryInfo says when to come back.',
  ]);
  expect(refusalExit(error)).toBe(3);
  expect(refusalExit(new AppError('NOT_FOUND', 'USER_NOT_FOUND', 'no'))).toBe(1);
});
