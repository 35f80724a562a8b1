import { execFileSync } from 'node:child_process';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  AppError,
  MAX_MINOR,
  amountOf,
  backgroundContext,
  backoffMs,
  callerKey,
  createPageTokens,
  firstIdAt,
  lastIdAt,
  LAST_ID_TIME,
  idTime,
  isAppError,
  isId,
  moneyOf,
  mutationOf,
  newId,
  pause,
  readConfig,
  readServiceConfig,
  withTimeout,
} from '../src/index.ts';

const ctx = backgroundContext({ method: 'test', timeoutMs: 1_000 });

describe('ids', () => {
  test('ascend strictly, also within a millisecond and when the clock steps back', () => {
    const later = Date.now() + 5_000;
    const ids = [newId(later), newId(later), newId(later - 1_000), ...Array.from({ length: 1_000 }, () => newId())];
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every(isId)).toBe(true);
  });

  test('carry their time, and the first id of a time is below every id of it', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.now() + 1e9, max: 2 ** 47 }), (time) => {
        expect(idTime(firstIdAt(time))).toBe(time);
        expect(idTime(lastIdAt(time))).toBe(time);
      }),
    );
    const id = newId(Date.now() + 10_000_000);
    expect(firstIdAt(idTime(id)) <= id).toBe(true);
    expect(lastIdAt(idTime(id)) >= id).toBe(true);
    expect(lastIdAt(LAST_ID_TIME)).toBe('7'.padEnd(26, 'Z'));
  });
});

describe('page tokens', () => {
  const tokens = createPageTokens('secret');
  const scope = { method: 'List', caller: 'user:a', filter: 'x' };

  test('give back the position to the same method, caller and filter', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (position) => {
        expect(tokens.decode(scope, tokens.encode(scope, position))).toEqual(JSON.parse(JSON.stringify(position)));
      }),
    );
    expect(tokens.decode(scope, '')).toBeUndefined();
  });

  test.each([
    ['another method', { ...scope, method: 'Other' }],
    ['another caller', { ...scope, caller: 'user:b' }],
    ['another filter', { ...scope, filter: 'y' }],
  ])('refuse %s', (_name, foreign) => {
    expect(() => tokens.decode(foreign, tokens.encode(scope, 1))).toThrow(/page_token/);
  });

  test('refuse any changed, cut or lengthened token, and another secret', () => {
    const token = tokens.encode(scope, { before: 'x' });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: token.length - 1 }),
        fc.constantFrom('A', 'Z', 'a', 'z', '0', '9', '-', '_'),
        (at, char) => {
          const changed = token.slice(0, at) + char + token.slice(at + 1);
          fc.pre(changed !== token);
          expect(() => tokens.decode(scope, changed)).toThrow(AppError);
          expect(() => tokens.decode(scope, token.slice(0, at))).toThrow(AppError);
        },
      ),
      { numRuns: 200 },
    );
    expect(() => tokens.decode(scope, `${token}A`)).toThrow(AppError);
    expect(() => createPageTokens('other').decode(scope, token)).toThrow(AppError);
  });
});

describe('money', () => {
  const refuse = { reason: 'AMOUNT_INVALID', domain: 'plaza.user' };

  test('crosses the wire exactly', () => {
    fc.assert(
      fc.property(fc.integer({ min: -MAX_MINOR, max: MAX_MINOR }), fc.constantFrom('EUR', 'JPY'), (minor, currency) => {
        expect(amountOf(moneyOf({ currency, minor }), 'amount', refuse)).toEqual({ currency, minor });
      }),
    );
  });

  test.each([
    ['an unknown currency', { currencyCode: 'XXX', units: 1n, nanos: 0 }],
    ['finer than a cent', { currencyCode: 'EUR', units: 1n, nanos: 1 }],
    ['nanos for a currency without a minor unit', { currencyCode: 'JPY', units: 1n, nanos: 500_000_000 }],
    ['nanos of a whole unit', { currencyCode: 'EUR', units: 0n, nanos: 1_000_000_000 }],
    ['two signs', { currencyCode: 'EUR', units: 1n, nanos: -10_000_000 }],
    ['the largest int64', { currencyCode: 'EUR', units: 2n ** 63n - 1n, nanos: 0 }],
    ['the smallest int64', { currencyCode: 'EUR', units: -(2n ** 63n), nanos: 0 }],
  ])('refuses %s with the field', (_name, money) => {
    const error = failure(() => amountOf(money, 'amount', refuse));
    expect(error).toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: 'AMOUNT_INVALID',
      details: { violations: [{ field: 'amount' }] },
    });
  });
});

describe('config', () => {
  test('reports every problem at once', () => {
    const read = () => readConfig({ LISTEN: 'nowhere', VERIFY_KEYS: '[1', CREATE_TABLES: 'yes' }, readServiceConfig);
    expect(read).toThrow(
      /LISTEN[^]*CREATE_TABLES[^]*REDIS_URL[^]*NATS_URL[^]*SIGNING_KEY[^]*VERIFY_KEYS is malformed: not JSON[^]*PAGE_SECRET/,
    );
  });

  test.each(['', '0', '-1', '1.5', 'many'])('refuses %j as a count', (value) => {
    expect(() => readConfig({ LIMIT: value }, (read) => ({ limit: read.integer('LIMIT', 5) }))).toThrow(
      'LIMIT is not a whole number above zero',
    );
  });

  test('takes zero as a count only where zero means something', () => {
    const factor = (value: string) => readConfig({ FACTOR: value }, (read) => ({ factor: read.integer('FACTOR', 1, 0) })).factor;
    expect([factor('0'), factor('100')]).toEqual([0, 100]);
    for (const value of ['-1', '00', '0.5', '']) expect(() => factor(value)).toThrow('FACTOR is not a whole number from zero on');
  });

  test('is frozen, with defaults where there are sane ones', () => {
    const config = readConfig(
      { REDIS_URL: 'redis://x', NATS_URL: 'nats://x', SIGNING_KEY: 'k', VERIFY_KEYS: '{"user":"k"}', PAGE_SECRET: 's' },
      readServiceConfig,
    );
    expect(config).toMatchObject({ listen: '127.0.0.1:0', namespace: '', createTables: false, verifyKeys: { user: 'k' } });
    expect(Object.isFrozen(config)).toBe(true);
  });

  const whole = { REDIS_URL: 'redis://x', NATS_URL: 'nats://x', SIGNING_KEY: 'k', VERIFY_KEYS: '{}', PAGE_SECRET: 's' };

  test('certificate, key and authority come together or not at all', () => {
    expect(readConfig(whole, readServiceConfig).tls).toBeUndefined();
    expect(() => readConfig({ ...whole, TLS_CA_FILE: 'ca.pem' }, readServiceConfig)).toThrow(
      /TLS_CERT_FILE is missing[^]*TLS_KEY_FILE is missing/,
    );
    const files = { TLS_CERT_FILE: 'a.pem', TLS_KEY_FILE: 'a-key.pem', TLS_CA_FILE: 'ca.pem' };
    expect(readConfig({ ...whole, ...files }, readServiceConfig).tls).toEqual({
      certFile: 'a.pem',
      keyFile: 'a-key.pem',
      caFile: 'ca.pem',
    });
  });

  test.each(['1.5', '-0.1', 'half', ' '])('refuses %j as a share of traces', (OTEL_TRACES_SAMPLER_ARG) => {
    expect(() => readConfig({ ...whole, OTEL_TRACES_SAMPLER_ARG }, readServiceConfig)).toThrow('is not between 0 and 1');
  });

  test('a table may have another name; anything but names is refused', () => {
    const named = (TABLE_NAMES: string) => readConfig({ ...whole, TABLE_NAMES }, readServiceConfig).tableNames;
    expect([named('{"users":"users-restored"}'), readConfig(whole, readServiceConfig).tableNames]).toEqual([
      { users: 'users-restored' },
      {},
    ]);
    for (const value of ['{"users":7}', '[1]', 'null']) expect(() => named(value)).toThrow('TABLE_NAMES is malformed');
  });
});

describe('mutations', () => {
  test('the same id and body are one call; another body has another hash; another caller another scope', () => {
    const one = mutationOf(ctx, 'R1', { a: 1n, b: new Date(0) });
    expect(mutationOf(ctx, 'R1', { a: 1n, b: new Date(0) })).toEqual(one);
    expect(mutationOf(ctx, 'R1', { a: 2n, b: new Date(0) }).hash).not.toBe(one.hash);
    expect(mutationOf({ ...ctx, caller: { kind: 'user', userId: 'u' } }, 'R1', {}).scope).not.toBe(one.scope);
    expect(mutationOf(ctx, '', {})).toMatchObject({ repeatable: false });
    expect(callerKey({ kind: 'service', service: 'order', userId: 'u' })).toBe('service:order:u');
  });
});

describe('contexts', () => {
  test('a shorter timeout shortens the deadline, a longer one does not lengthen it', () => {
    const parent = { ...ctx, deadline: Date.now() + 30_000 };
    expect(withTimeout(parent, 10).deadline).toBeLessThan(parent.deadline);
    expect(withTimeout(parent, 60_000).deadline).toBe(parent.deadline);
  });

  test("the parent's abort reaches the child, and ends a pause", async () => {
    const parent = new AbortController();
    const child = withTimeout({ ...ctx, signal: parent.signal }, 60_000);
    const paused = pause(60_000, child.signal);
    parent.abort();
    await paused;
    expect(child.signal.aborted).toBe(true);
  });
});

test('backoff grows to its cap and is never more', () => {
  expect(backoffMs(0, 10, 1_000, () => 1)).toBe(10);
  expect(backoffMs(30, 10, 1_000, () => 1)).toBe(1_000);
  expect(backoffMs(3, 10, 1_000, () => 0)).toBe(0);
});

test('an armed crash point kills the process as kill -9 does, any other is passed', () => {
  const core = new URL('../src/index.ts', import.meta.url).href;
  const run = (armed: string) => {
    const code = `import { armCrashPoint, crashPoint } from '${core}'; armCrashPoint('${armed}'); crashPoint('here'); console.log('passed');`;
    return execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
  };
  expect(run('elsewhere')).toBe('passed\n');
  expect(failure(() => run('here'))).toMatchObject({ signal: 'SIGKILL' });
});

test('isAppError tells reasons apart', () => {
  expect(isAppError(new AppError('NOT_FOUND', 'X', 'x'), 'X')).toBe(true);
  expect(isAppError(new AppError('NOT_FOUND', 'X', 'x'), 'Y')).toBe(false);
  expect(isAppError(new Error('x'))).toBe(false);
});

const failure = (act: () => unknown): unknown => {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('expected a failure');
};

test('a request id that is a UUID is one id in capital and small letters, whose body is the same', () => {
  const ctx = { caller: { kind: 'admin' }, method: 'CreateOrder' } as never;
  const id = '0191F2C4-7A1B-7CDE-8F00-0123456789AB';
  const [upper, lower] = [id, id.toLowerCase()].map((requestId) => mutationOf(ctx, requestId, { lines: [1n], requestId }));
  expect(upper).toEqual(lower);
  expect(mutationOf(ctx, id, { lines: [2n], requestId: id }).hash).not.toBe(upper!.hash);
  expect(mutationOf(ctx, '', { requestId: '' })).toMatchObject({ repeatable: false });
});
