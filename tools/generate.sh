#!/bin/sh
# Generates libs/proto/gen from proto/: the TypeScript messages and the exact descriptor image that
# reflection and validation serve. Runs at `npm ci` (prepare), so under whatever Node npm runs.
set -e
cd "$(dirname "$0")/.."
# An install without dev dependencies has no buf: its tree was generated before it was copied.
if [ ! -x node_modules/.bin/buf ]; then
  echo "generate: skipped, buf is not installed" >&2
  exit 0
fi
node_modules/.bin/buf generate
node_modules/.bin/buf build -o libs/proto/gen/api.binpb
