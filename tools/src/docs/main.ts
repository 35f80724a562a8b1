import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { errorsDocument } from './errors.ts';

writeFileSync(fileURLToPath(new URL('../../../docs/errors.md', import.meta.url)), errorsDocument());
