import { readConfig, type Env, type Tls } from '@plaza/core';

import { readAdmin, readLogLevel } from '../job-config.ts';

export interface ImportConfig {
  readonly logLevel: string;
  readonly userAddress: string;
  readonly productAddress: string;
  readonly graphAddress: string;
  readonly signingKey: string;
  readonly tls: Tls | undefined;
  /** Folder with users.jsonl, products.jsonl and follows.jsonl, each as far as it is there. */
  readonly folder: string;
  /** Names the import: under the same name a repeated run changes nothing. */
  readonly name: string;
}

export const loadConfig = (env: Env): ImportConfig =>
  readConfig(env, (read) => ({
    logLevel: readLogLevel(read),
    userAddress: read.address('USER_ADDRESS'),
    productAddress: read.address('PRODUCT_ADDRESS'),
    graphAddress: read.address('GRAPH_ADDRESS'),
    ...readAdmin(read),
    folder: read.text('IMPORT_DIR'),
    name: read.text('IMPORT_NAME'),
  }));
