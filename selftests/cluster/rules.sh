#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# place: loopback
#
# rules.sh - what single kinds have of their own, with kubectl and curl against a
# real etcd: reviews, components, approvals, selectors, /status. TAP.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
. selftests/cluster/server.bash

fails() { ! "$@"; }

start_etcd
start_server --controllers=false
ok "server and etcd answer" soon get /readyz -f

# --- reviews --------------------------------------------------------------------------
auth=/apis/authorization.k8s.io
pods='"resourceAttributes":{"namespace":"default","verb":"get","resource":"pods"}'
is "who asks may" yes k auth can-i get pods
like "everything" '*\*.\**[\*]*' k auth can-i --list
like "and is told why" '*"allowed":true*"reason":"there is no authorization yet*' \
	post $auth/v1/selfsubjectaccessreviews "{\"spec\":{$pods}}"
is "nobody who is not known may" false \
	field .status.allowed $auth/v1/subjectaccessreviews -H "$json" -d "{\"spec\":{\"user\":\"system:anonymous\",$pods}}"
is "in the older version too" false field .status.allowed $auth/v1beta1/subjectaccessreviews -H "$json" \
	-d "{\"spec\":{\"group\":[\"system:unauthenticated\"],$pods}}"
is "a review says of whom" "422 Invalid: SubjectAccessReview.authorization.k8s.io \"\" is invalid: spec.user: Invalid value: \"\": at least one of user or group must be specified" \
	refusal $auth/v1/subjectaccessreviews -H "$json" -d "{\"spec\":{$pods}}"
is "and of its own namespace" "400 BadRequest: the namespace of the provided object does not match the namespace sent on the request" \
	refusal $auth/v1/namespaces/default/localsubjectaccessreviews -H "$json" \
	-d "{\"metadata\":{\"namespace\":\"other\"},\"spec\":{\"user\":\"u\",$pods}}"
is "the plain listener's user" "system:unsecured system:masters system:authenticated" field '.status.userInfo | [.username, .groups[]] | join(" ")' \
	/apis/authentication.k8s.io/v1/selfsubjectreviews -H "$json" -d '{}'
is "no token is known" "invalid bearer token" field .status.error /apis/authentication.k8s.io/v1/tokenreviews -H "$json" \
	-d '{"spec":{"token":"x"}}'
is "a token is needed" "400 BadRequest: token is required for TokenReview in authentication" \
	refusal /apis/authentication.k8s.io/v1/tokenreviews -H "$json" -d '{"spec":{}}'
is "a review is not listed" "405 MethodNotAllowed: the server does not allow this method on the requested resource" \
	refusal /apis/authentication.k8s.io/v1/tokenreviews

# --- lists that come from nowhere --------------------------------------------------------
is "components" "NAME STATUS MESSAGE ERROR controller-manager Healthy ok etcd-0 Healthy ok scheduler Healthy ok" words k get cs
is "one of them" etcd-0 k get cs etcd-0 -o 'jsonpath={.metadata.name}'
is "nobody measures nodes" "NodeMetricsList 0" field '"\(.kind) \(.items | length)"' /apis/metrics.k8s.io/v1beta1/nodes

# --- certificates ---------------------------------------------------------------------------
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=jane -keyout "$dir/k" -out "$dir/csr" 2>/dev/null
cat >"$dir/csr.yaml" <<END
apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {name: jane}
spec: {signerName: example.com/s, usages: [client auth], request: $(base64 -w0 "$dir/csr")}
END
ok "a request" k create -f "$dir/csr.yaml"
is "who made it" system:unsecured k get csr jane -o 'jsonpath={.spec.username}'
ok "is approved" k certificate approve jane
like "and says so" '*example.com/s*system:unsecured*Approved*' k get csr jane
ok "not both" fails k certificate deny jane

# --- events of the newer API --------------------------------------------------------------------
post /apis/events.k8s.io/v1/namespaces/default/events '{"metadata":{"name":"e"},"regarding":{"kind":"Pod","namespace":"default","name":"p"},
	"reason":"R","note":"m","type":"Normal","eventTime":"2026-01-01T00:00:00.000000Z","reportingController":"example.com/c",
	"reportingInstance":"i","action":"A"}' >/dev/null
for selector in regarding.name=p reason=R reportingController=example.com/c regarding.name=q; do
	like "events with $selector" "$([ $selector = regarding.name=q ] && echo 0 || echo 1)" \
		field '.items | length' "/apis/events.k8s.io/v1/namespaces/default/events?fieldSelector=${selector/=/%3D}"
done
is "the older one has other names" 1 field '.items | length' '/api/v1/events?fieldSelector=involvedObject.name%3Dp,source%3Dexample.com/c'

# --- what a write of /status keeps ------------------------------------------------------------------
post /api/v1/nodes '{"metadata":{"name":"n"}}' >/dev/null
labelled() {	# PATH: a PATCH of /status that brings a label
	get "$1/status" -X PATCH -H 'Content-Type: application/merge-patch+json' -d '{"metadata":{"labels":{"by":"status"}}}' |
		jq -r '.metadata.labels.by'
}
is "a node's labels" status labelled /api/v1/nodes/n
ok "an APIService" post /apis/apiregistration.k8s.io/v1/apiservices '{"metadata":{"name":"v1.e.example"},"spec":{"group":"e.example","version":"v1",
	"groupPriorityMinimum":1,"versionPriority":1,"service":{"name":"s","namespace":"default"}}}' -f
is "an APIService's not" null labelled /apis/apiregistration.k8s.io/v1/apiservices/v1.e.example
like "its row" '*v1.e.example*default/s*Unknown*' k get apiservice v1.e.example

# --- definitions ---------------------------------------------------------------------------------------
crd() {		# SCHEMA: of its only version
	echo '{"metadata":{"name":"things.example.com"},"spec":{"group":"example.com","scope":"Cluster","names":{"plural":"things","kind":"Thing"},
		"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":'"$1"'}}]}}'
}
crds=/apis/apiextensions.k8s.io/v1/customresourcedefinitions
is "a schema is structural" "spec.validation.openAPIV3Schema.properties[a].type: Required value: must not be empty for specified object fields" \
	field '.details.causes[0] | "\(.field): \(.message)"' $crds -H "$json" -d "$(crd '{"type":"object","properties":{"a":{}}}')"
is "what is filled in" "thing ThingList None v1" field '[.spec.names.singular, .spec.names.listKind, .spec.conversion.strategy, .status.storedVersions[]] | join(" ")' \
	$crds -H "$json" -d "$(crd '{"type":"object"}')"

finish
