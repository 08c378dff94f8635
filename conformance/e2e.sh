#!/bin/bash
# The contract suite, and both protocols' life of a machine through bin/occimi,
# against a real OpenStack. What is not up is brought up, and taken down again.
set -euo pipefail
cd "$(dirname "$0")/.."
state=${OPENSTACK_STATE:-/var/tmp/openstack}
port=${PORT_KEYSTONE:-5000}
url=http://127.0.0.1:$port/v3
up() { python3 -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=5)' "$url" 2>/dev/null; }

if ! up; then
  trap ./conformance/openstack/openstack-down.sh EXIT
  ./conformance/openstack/openstack-up.sh || { tail -n 20 "$state"/log/*.log; exit 1; }
fi
export OCCIMI_E2E_AUTH_URL=$url
# One package at a time: they share the tenants.
quiet() { grep -vE '^=== |^ +--- PASS'; }
go test -count=1 -p 1 -v -run 'Real|Differential' ./backend/... | quiet
go test -count=1 -p 1 -v -run '/Real' ./conformance/lifecycle | quiet
go test -count=1 -p 1 -timeout 30m -v -run Real ./conformance/occi ./conformance/cimi | quiet
