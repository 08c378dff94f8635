#!/bin/bash
# Tests the chart without a cluster: lint, renderings compared with golden files, values that must be refused, and that
# the options and metrics it names are the program's. Uses Helm from PATH (3 or 4), or builds Helm 3.
#
#   charts/test.sh            test
#   charts/test.sh --update   write the golden files anew; look at the difference before committing it
set -euo pipefail
cd "$(dirname "$0")"

helm=(helm)
command -v helm >/dev/null || helm=(go run helm.sh/helm/v3/cmd/helm@v3.22.0)
# A Helm built from source believes in a Kubernetes that is too old for the chart.
kube=(--kube-version 1.34.0)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
fail() { echo "FAIL: $*" >&2; failed=1; }

# Helm shows NOTES.txt only when it installs; in this copy it is rendered like the rest.
cp -r occimi "$work/chart"
notes=$work/chart/templates/NOTES.txt
{ echo '{{- define "notes" }}'; cat "$notes"; echo '{{- end }}'; } >"$work/chart/templates/_notes.tpl"
echo '# {{ include "notes" . | trim | replace "\n" "\n# " }}' >"$notes.yaml"
rm "$notes"

for values in occimi/ci/*-values.yaml; do
  name=$(basename "$values" -values.yaml)
  "${helm[@]}" lint --strict --quiet occimi --values "$values" "${kube[@]}" || fail "lint, $name"
  "${helm[@]}" template occimi "$work/chart" --namespace cloud --values "$values" "${kube[@]}" >"$work/$name.yaml" || fail "template, $name"
  if [[ ${1:-} == --update ]]; then
    cp "$work/$name.yaml" testdata/
  else
    # Helm 4 puts blank lines between manifests, Helm 3 does not.
    diff -uB "testdata/$name.yaml" "$work/$name.yaml" || fail "$name is not as testdata/$name.yaml says"
  fi
done

# Values that must show in what is rendered: flags; a regular expression.
shown() {
  local flags=$1 want=$2
  # shellcheck disable=SC2086 # the flags are several words
  "${helm[@]}" template occimi occimi --set config.os-auth-url=http://ks/v3 $flags "${kube[@]}" >"$work/shown" || fail "$flags: refused"
  grep -Eq -- "$want" "$work/shown" || fail "$flags: no $want"
}
shown '--set caBundle.secret=cloud-ca' '^ +secretName: cloud-ca$'
shown '--set caBundle.secret=cloud-ca' '^ +- --os-cacert=/etc/occimi/ca/ca.crt$'
shown '--set image.registry=r.example.org,image.tag=1.2' '^ +image: "r.example.org/occimi:1.2"$'
shown '--set serviceAccount.create=false,serviceAccount.name=mine' '^ +serviceAccountName: mine$'
shown '--set config.sandbox=true,config.os-auth-url=,config.store=sqlite::memory:,replicaCount=1' '^ +store: "sqlite::memory:"$'
shown '--set replicaCount=0' '^ +replicas: 0$'
shown '--set podDisruptionBudget.enabled=true' '^ +maxUnavailable: 1$'
shown '--set global.anything=1' '^kind: Deployment$'

# Values that must be refused: flags; a regular expression that names what was wrong.
refused() {
  local flags=$1 want=$2
  # shellcheck disable=SC2086 # the flags are several words
  if "${helm[@]}" template occimi occimi --set config.os-auth-url=http://ks/v3 $flags "${kube[@]}" >/dev/null 2>"$work/refused"; then
    fail "$flags: accepted"
  fi
  grep -Eq -- "$want" "$work/refused" || { cat "$work/refused" >&2; fail "$flags: the error says nothing of $want"; }
}
refused '--set replicas=3' "propert(y|ies).*'?replicas'?.*not allowed"
refused '--set image.version=1' "image.*'version'"
refused '--set config.os-auth-ulr=http://ks' "config.*'os-auth-ulr'"
refused '--set config.listen=:80' "config.*'listen'"
refused '--set replicaCount=many' 'replicaCount.*integer'
refused '--set replicaCount=-1' 'replicaCount'
refused '--set ingress.enabled=maybe' 'ingress.*enabled.*boolean'
refused '--set-string config.sandbox=true' 'config.*sandbox.*boolean'
refused '--set config.shutdown-delay=5' 'shutdown-delay.*string'
refused '--set config.request-timeout=soon' 'request-timeout.*pattern'
refused '--set config.trusted-proxy=10.0.0.0/8' 'trusted-proxy.*array'
refused '--set config.os-auth-url=ks:5000' 'os-auth-url.*pattern'
refused '--set config.os-interface=secret' 'os-interface'
refused '--set image.digest=latest' 'digest.*pattern'
refused '--set podAnnotations.port=8788' 'podAnnotations.*string'
refused '--set config.os-auth-url=' 'config.os-auth-url: say where'
refused '--set config.os-auth-url=,config.sandbox=true' 'config.sandbox: each replica'
refused '--set config.sandbox=true,replicaCount=1' 'config.sandbox: give it or'
refused '--set config.store=sqlite:/data/store.db' 'config.store: each replica'
refused '--set config.max-body-bytes=0' 'max-body-bytes'
refused '--set extraObjects[0].kind=Secret' 'extraObjects.*(apiVersion|required)'
refused '--set caBundle.secret=a,caBundle.configMap=b' 'caBundle: give'
refused '--set ingress.enabled=true' 'ingress.hosts: give'
refused '--set httpRoute.enabled=true' 'httpRoute.parentRefs: give'
refused '--set prometheusRule.enabled=true' 'prometheusRule: its alerts need'

# The schema lists the options of `occimi serve`: all but those that the chart itself sets.
own='^(listen|admin-listen|os-cacert)$'
sed -n '/^    "config": {/,/^    }/s/^        "\([a-z-]*\)": .*/\1/p' occimi/values.schema.json | sort >"$work/schema"
sed -n '/^## /q; s/^| `--\([a-z-]*\)`.*/\1/p' ../docs/options.md | grep -Ev "$own" | sort >"$work/options"
[[ -s $work/options ]] || fail "docs/options.md lists no options"
diff -u --label docs/options.md "$work/options" --label occimi/values.schema.json "$work/schema" || fail "the schema's options are not the program's"
# What the chart itself sets is spelled as the program spells it, too.
while read -r option; do
  grep -q "^| \`--$option\`" ../docs/options.md || fail "the Deployment sets --$option, which docs/options.md does not know"
done < <(grep -oE -- '- --[a-z-]+' occimi/templates/deployment.yaml | sed 's/^- --//; /^config$/d')

# Alerts read metrics that the program has.
grep -oE '(occimi|openstack)_[a-z_]+' occimi/templates/prometheusrule.yaml | sort -u >"$work/metrics"
[[ -s $work/metrics ]] || fail "the alerts read no metrics"
while read -r metric; do
  grep -rqF --include='*.go' "\"$metric\"" ../frontends ../backend || fail "an alert reads $metric, which the program does not have"
done <"$work/metrics"

((failed)) || echo "charts: ok ($("${helm[@]}" version --short))"
exit "$failed"
