#!/bin/bash
# Runs every fuzz target of the tree, each with the given number of inputs (default
# 100000). A number, not a time: Go before 1.27 fails a target now and then when its
# time ends ("context deadline exceeded", go.dev/issue/75804).
set -euo pipefail
cd "$(dirname "$0")/.."
inputs=${1:-100000}
grep -rlE '^func Fuzz' --include='*_test.go' . | sort | while read -r file; do
  grep -oE '^func Fuzz[A-Za-z0-9_]*' "$file" | sed 's/func //' | while read -r target; do
    echo "== $target in $(dirname "$file")"
    go test -run '^$' -fuzz "^$target\$" -fuzztime "${inputs}x" -fuzzminimizetime 100x "$(dirname "$file")"
  done
done
