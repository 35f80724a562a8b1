#!/bin/sh
# Makes the tree of one image: what a workspace needs to run, and nothing else. Its steps are service.Dockerfile's, which
# runs this very file; so does a test, without Docker.
#   sh deploy/image.sh services/user /app
# It wants a repository after `npm ci`, which has checked every package and generated the messages, and changes nothing in it.
set -eu
workspace=$1
mkdir -p "$2"
target=$(cd -- "$2" && pwd -P)
cd -- "$(dirname -- "$0")/.."
root=$(pwd -P)

# npm knows what is needed in production, and where it lies: our own workspaces by links, the others as they are.
needed=$(npm ls --workspace "$workspace" --omit=dev --omit=optional --all --parseable)
set -- libs/proto/gen
if [ "$workspace" = tools ]; then set -- "$@" data; fi
for path in $needed; do
  path=${path#"$root"}
  path=${path#/}
  case $path in
  '') ;;
  node_modules/@plaza/*)
    folder=$(cd -- "$path" && pwd -P)
    folder=${folder#"$root/"}
    set -- "$@" "$path" "$folder/package.json" "$folder/src"
    ;;
  *) set -- "$@" "$path" ;;
  esac
done

# Types and source maps are for development, as tests are.
tar --exclude='*.d.ts' --exclude='*.d.mts' --exclude='*.d.cts' --exclude='*.map' --exclude='*.test.ts' -cf - "$@" |
  tar -xf - -C "$target"
# Whoever runs it may read it all, and nobody change it.
chmod -R a+rX,a-w "$target"
