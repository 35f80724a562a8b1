import process from 'node:process';

import { newId, noMetrics, silentLog } from '@plaza/core';
import { testContext } from '@plaza/testing';
import { afterAll, describe } from 'vitest';

import { connectDb, createMemoryDb, defineTable, type Db, type Faults } from '../src/index.ts';

export const things = defineTable({
  name: 'things',
  indexes: {
    byOwner: { pk: 'owner', sk: 'rank' },
    keysOnly: { pk: 'owner', sk: 'label', project: 'KEYS_ONLY' },
  },
});

/** Makes a Db over one engine; calls share their tables, so that rows are set up without the faults. */
export type Make = (faults?: Faults) => Db;

/** Runs one suite over both engines: what the memory promises is what DynamoDB does. */
export const overBothEngines = (name: string, suite: (make: Make) => void): void => {
  describe(`${name}, in memory`, () => {
    let faults: Faults | undefined;
    const db = createMemoryDb({ faults: (call) => faults?.(call) });
    suite((next) => {
      faults = next;
      return db;
    });
  });
  describe(`${name}, in DynamoDB`, () => {
    const namespace = `t${newId().slice(-14).toLowerCase()}`;
    const opened: { close(): void }[] = [];
    const connect = (faults?: Faults) => {
      const awsRegion = 'us-east-1';
      const dynamodbEndpoint = process.env['DYNAMODB_ENDPOINT'];
      const db = connectDb({ dynamodbEndpoint, awsRegion, namespace, log: silentLog, metrics: noMetrics, faults });
      opened.push(db);
      return db;
    };
    suite(connect);
    afterAll(() => opened.forEach((db) => db.close()));
  });
};

export const ctx = () => testContext();

/** A partition of its own for each test. */
export const fresh = (): string => `p${newId()}`;
