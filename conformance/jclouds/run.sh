#!/bin/bash
# jclouds, OCCI and CIMI on one cloud: bin/occimi in front of a real OpenStack,
# and the Maven project beside this file. The cloud is that of OCCIMI_E2E_AUTH_URL,
# or what openstack-run.sh finds or makes. Arguments are given to Maven (-Dtest=MachineTest).
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v mvn >/dev/null || { echo 'mvn is missing: install Maven and a JDK 17'; exit 1; }
[ -n "${OCCIMI_E2E_AUTH_URL:-}" ] || exec ./conformance/openstack/openstack-run.sh ./conformance/jclouds/run.sh "$@"

said=$(mktemp) occimi=''
finish() {
  [ -z "$occimi" ] || { kill "$occimi" && wait "$occimi"; } || true
  rm -f "$said" "$said.log"
}
trap finish EXIT

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
