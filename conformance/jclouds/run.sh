#!/bin/bash
# jclouds, OCCI and CIMI on one cloud: bin/occimi in front of a real OpenStack,
# and the Maven project beside this file. If OCCIMI_E2E_AUTH_URL names no cloud
# and none is up, one is brought up, and taken down again. Arguments are given
# to Maven (-Dtest=MachineTest).
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v mvn >/dev/null || { echo 'mvn is missing: install Maven and a JDK 17'; exit 1; }
state=${OPENSTACK_STATE:-/var/tmp/openstack}
said=$(mktemp) occimi='' cloud=''
up() { python3 -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=5)' "$1" 2>/dev/null; }
finish() {
  [ -z "$occimi" ] || { kill "$occimi" && wait "$occimi"; } || true
  [ -z "$cloud" ] || ./conformance/openstack/openstack-down.sh
  rm -f "$said" "$said.log"
}
trap finish EXIT

if [ -z "${OCCIMI_E2E_AUTH_URL:-}" ]; then
  export OCCIMI_E2E_AUTH_URL=http://127.0.0.1:${PORT_KEYSTONE:-5000}/v3
  if ! up "$OCCIMI_E2E_AUTH_URL"; then
    cloud=started
    ./conformance/openstack/openstack-up.sh || { tail -n 20 "$state"/log/*.log; exit 1; }
  fi
fi
# Lists are kept for less than usual: the tests wait for what others change in them.
bin/occimi serve --listen 127.0.0.1:0 --admin-listen '' --store sqlite::memory: --cache-lists 5s \
  --os-auth-url "$OCCIMI_E2E_AUTH_URL" >"$said" 2>"$said.log" &
occimi=$!
until grep -q '^CLOUD' "$said"; do
  kill -0 "$occimi" 2>/dev/null || { cat "$said.log"; exit 1; }
  sleep 0.1
done
OCCIMI_E2E_OCCI_URL=$(awk '$1 == "OCCI" {print $2}' "$said")
OCCIMI_E2E_CIMI_URL=$(awk '$1 == "CIMI" {print $2}' "$said")
export OCCIMI_E2E_OCCI_URL OCCIMI_E2E_CIMI_URL
mvn -B -q -f conformance/jclouds/pom.xml test "$@"
