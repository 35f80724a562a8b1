#!/bin/sh
# Generates libs/proto/gen from proto/: the TypeScript messages and the exact descriptor image that
# reflection and validation serve. Runs at `npm ci` (prepare), so under whatever Node npm runs.
set -e
cd "$(dirname "$0")/.."
# A production install has no buf: its image is built from a tree that was generated before.
[ -x node_modules/.bin/buf ] || { [ -d libs/proto/gen ] && exit 0; echo "generate: buf is missing; run npm ci with dev dependencies" >&2; exit 1; }
node_modules/.bin/buf generate
node_modules/.bin/buf build -o libs/proto/gen/api.binpb
