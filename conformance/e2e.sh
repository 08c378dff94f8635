#!/bin/bash
# The contract suite, and both protocols' life of a machine through bin/occimi,
# against a real OpenStack: that of OCCIMI_E2E_AUTH_URL, or what openstack-run.sh finds or makes.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -n "${OCCIMI_E2E_AUTH_URL:-}" ] || exec ./conformance/openstack/openstack-run.sh ./conformance/e2e.sh

# One package at a time: they share the tenants.
quiet() { grep -vE '^=== |^ +--- PASS'; }
real() { go test -count=1 -p 1 -timeout 30m -v -run "$@" | quiet; }
real 'Real|Differential' ./backend/...
real '/Real' ./conformance/lifecycle
real 'Real' ./conformance/occi ./conformance/cimi
