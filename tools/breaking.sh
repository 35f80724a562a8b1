#!/bin/sh
# A change of proto/ must not break a client of the commit before: compared with HEAD while proto/ is being edited,
# else with HEAD's parent. A history without a parent (a shallow clone, the first commit) has nothing to compare with, and says so.
set -e
base=HEAD~1
[ -n "$(git status --porcelain -- proto)" ] && base=HEAD
if ! git rev-parse --verify --quiet "$base:proto" >/dev/null; then
  echo "breaking: no earlier proto/ in this history, nothing to compare with"
  exit 0
fi
exec buf breaking --against ".git#ref=$(git rev-parse "$base")"
