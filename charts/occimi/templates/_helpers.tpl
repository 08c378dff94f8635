{{/* Names end up in DNS labels, which hold 63 characters; "-admin" is appended to one of them. */}}
{{- define "occimi.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 57 | trimSuffix "-" }}
{{- end }}

{{- define "occimi.fullname" -}}
{{- $name := include "occimi.name" . }}
{{- $default := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) }}
{{- default $default .Values.fullnameOverride | trunc 57 | trimSuffix "-" }}
{{- end }}

{{- define "occimi.selectorLabels" -}}
app.kubernetes.io/name: {{ include "occimi.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "occimi.labels" -}}
{{ include "occimi.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "occimi.serviceAccountName" -}}
{{- default (ternary (include "occimi.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name }}
{{- end }}

{{- define "occimi.image" -}}
{{- with .Values.image }}
{{- $version := ternary (printf "@%s" .digest) (printf ":%s" (default $.Chart.AppVersion .tag)) (not (empty .digest)) }}
{{- printf "%s/%s%s" .registry .repository $version }}
{{- end }}
{{- end }}

{{/* What the schema cannot say, all of it at once. */}}
{{- define "occimi.check" -}}
{{- $problems := list }}
{{- with .Values }}
{{- if not (or (get .config "os-auth-url") .config.sandbox) }}
{{- $problems = append $problems "config.os-auth-url: say where the cloud's Keystone is (or try the chart with config.sandbox=true and replicaCount=1)" }}
{{- end }}
{{- if and (get .config "os-auth-url") .config.sandbox }}
{{- $problems = append $problems "config.sandbox: give it or config.os-auth-url, not both" }}
{{- end }}
{{- if and .config.sandbox (or .autoscaling.enabled (gt (int .replicaCount) 1)) }}
{{- $problems = append $problems "config.sandbox: each replica would have a cloud of its own; set replicaCount=1 and autoscaling.enabled=false" }}
{{- end }}
{{- if and (hasPrefix "sqlite:" (get .config "store")) (or .autoscaling.enabled (gt (int .replicaCount) 1)) }}
{{- $problems = append $problems "config.store: each replica would have a store of its own; give postgres://..., or set replicaCount=1 and autoscaling.enabled=false" }}
{{- end }}
{{- if and .caBundle.secret .caBundle.configMap }}
{{- $problems = append $problems "caBundle: give a secret or a configMap, not both" }}
{{- end }}
{{- if and .ingress.enabled (not .ingress.hosts) }}
{{- $problems = append $problems "ingress.hosts: give at least one host name" }}
{{- end }}
{{- if and .httpRoute.enabled (not .httpRoute.parentRefs) }}
{{- $problems = append $problems "httpRoute.parentRefs: give at least one gateway" }}
{{- end }}
{{- if and .prometheusRule.enabled (not .serviceMonitor.enabled) }}
{{- $problems = append $problems "prometheusRule: its alerts need serviceMonitor.enabled=true" }}
{{- end }}
{{- end }}
{{- with $problems }}
{{- fail (printf "\n  %s" (join "\n  " .)) }}
{{- end }}
{{- end }}
