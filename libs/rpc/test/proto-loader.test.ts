import { globSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { loadSync } from '@grpc/proto-loader';
import { expect, test } from 'vitest';

const PROTO = fileURLToPath(new URL('../../../proto', import.meta.url));
const includeDirs = [PROTO, join(PROTO, 'third_party')];

// Callers load the contract as it is written, with the loader that most clients in Node use. It reads less of the language than buf does.
test.each(globSync('plaza/*/v1/*_service.proto', { cwd: PROTO }))('%s is understood by proto-loader', (file) => {
  const [, pkg] = /^plaza\/(\w+)\//.exec(file)!;
  const services = Object.entries(loadSync(file, { includeDirs })).filter(
    ([name, definition]) => name.startsWith(`plaza.${pkg}.v1.`) && !('format' in definition),
  );
  expect(services.length).toBeGreaterThan(0);
});
