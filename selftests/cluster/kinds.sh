#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# place: loopback
#
# kinds.sh - every row of kinds.tsv through every verb, with curl and kubectl
# against a real etcd. TAP, one test a row.
#
# A row that is stored needs a small valid object in kinds.json, under its id or
# that of its stored version. Bodies go in as JSON and as protobuf.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
. selftests/cluster/server.bash

start_etcd
start_server --controllers=false
ok "server and etcd answer" soon get /readyz -f
ok "pods have an account to run as" soon make_account

pb='application/vnd.kubernetes.protobuf'
why=''
must() {	# WHAT COMMAND…: remember the first thing that went wrong
	local out
	[ -z "$why" ] || return 1
	out=$("${@:2}" 2>&1) && return 0
	why="$1: ${out:0:600}"
	return 1
}
code() {	# WANTED METHOD PATH [CURL ARGUMENT…]
	local out
	out=$(get "$3" -X "$2" -o "$dir/answer" -w '%{http_code}' "${@:4}")
	[ "$out" = "$1" ] || { echo "$2 $3: $out instead of $1: $(head -c 500 "$dir/answer")"; return 1; }
}
says() {	# FILTER: of the last answer, as JSON, it is true
	jq -e "$1" "$dir/answer" >/dev/null || { echo "not $1: $(head -c 500 "$dir/answer")"; return 1; }
}
is_protobuf() { [ "$(head -c 3 "$dir/answer")" = k8s ] || { echo "no protobuf: $(head -c 100 "$dir/answer")"; return 1; }; }
watched() {	# PATH FILTER: soon the watch tells of an event for which the filter is true
	for t in 0.2 1 5; do
		get "$1" --max-time $t -o "$dir/answer" 2>/dev/null
		jq -es "any($2)" "$dir/answer" >/dev/null 2>&1 && return 0
	done
	echo "no such event: $(head -c 500 "$dir/answer")"
	return 1
}

apply='Content-Type: application/apply-patch+yaml'

# What is stored: every verb.
stored() {	# ID GROUP VERSION PLURAL KIND SCOPE OBJECT
	local base=/apis/$2/$3 all one name obj version=$2/$3 rv config
	[ -n "$2" ] || { base=/api/$3 version=$3; }
	[ "$6" = Cluster ] && all=$base/$4 || all=$base/namespaces/default/$4
	obj=$(jq -c --arg v "$version" --arg k "$5" '{apiVersion: $v, kind: $k, metadata: {name: "it"}} * .' <<<"$7")
	name=$(jq -r .metadata.name <<<"$obj")
	one=$all/$name
	must "list before" code 200 GET "$all?limit=1"
	rv=$(jq -r .metadata.resourceVersion "$dir/answer")
	must "create" code 201 POST "$all" -H "$json" -d "$obj"
	must "its kind" says ".kind == \"$5\" and .apiVersion == \"$version\" and .metadata.uid != null and .metadata.resourceVersion != null"
	must "twice" code 409 POST "$all" -H "$json" -d "$obj"
	must "get" code 200 GET "$one"
	must "what was sent is there" jq -e --argjson sent "$obj" \
		'. as $is | $sent | [paths(scalars)] | all(. as $p | ($is | getpath($p)) as $x | $x == ($sent | getpath($p)) or ($x != null and ($p[-1] == "cpu" or $p[-1] == "storage")))' "$dir/answer"
	cp "$dir/answer" "$dir/object"
	must "update as JSON" code 200 PUT "$one" -H "$json" -d "$(jq -c '.metadata.labels.put = "json"' "$dir/object")"
	must "get as protobuf" code 200 GET "$one" -H "Accept: $pb"
	must "is protobuf" is_protobuf
	cp "$dir/answer" "$dir/protobuf"
	must "update as protobuf" code 200 PUT "$one" -H "Content-Type: $pb" --data-binary "@$dir/protobuf"
	must "nothing lost on the way" says '.metadata.labels.put == "json"'
	must "the same object" test "$(jq -S 'del(.metadata.resourceVersion, .metadata.managedFields, .metadata.labels.put, .metadata.generation) | if .metadata.labels == {} then del(.metadata.labels) else . end' "$dir/object")" = \
		"$(jq -S 'del(.metadata.resourceVersion, .metadata.managedFields, .metadata.labels.put, .metadata.generation) | if .metadata.labels == {} then del(.metadata.labels) else . end' "$dir/answer")"
	must "unknown field is refused" code 400 PUT "$one?fieldValidation=Strict" -H "$json" -d "$(jq -c '.bogus = 1' "$dir/answer")"
	must "merge patch" code 200 PATCH "$one" -H 'Content-Type: application/merge-patch+json' -d '{"metadata":{"annotations":{"merge":"1"}}}'
	must "strategic patch" code 200 PATCH "$one" -H 'Content-Type: application/strategic-merge-patch+json' -d '{"metadata":{"annotations":{"strategic":"1"}}}'
	must "JSON patch" code 200 PATCH "$one" -H 'Content-Type: application/json-patch+json' -d '[{"op":"add","path":"/metadata/annotations/json","value":"1"}]'
	must "patched three ways" says '.metadata.annotations | .merge == "1" and .strategic == "1" and .json == "1"'
	config=$(jq -c '.metadata.labels.applied = "1"' <<<"$obj")
	must "apply" code 200 PATCH "$one?fieldManager=applier&force=true" -H "$apply" -d "$config"
	must "what was applied is owned" says "any(.metadata.managedFields[]; .manager == \"applier\" and .operation == \"Apply\" and .apiVersion == \"$version\")"
	cp "$dir/answer" "$dir/object"
	must "apply again" code 200 PATCH "$one?fieldManager=applier" -H "$apply" -d "$config"
	must "changes nothing" diff <(jq -S . "$dir/object") <(jq -S . "$dir/answer")
	must "list by label" code 200 GET "$all?labelSelector=put%3Djson"
	must "it is in the list" says ".kind == \"$5List\" and .apiVersion == \"$version\" and (.items | length) == 1 and .items[0].metadata.name == \"$name\""
	must "list by name, as protobuf" code 200 GET "$all?fieldSelector=metadata.name%3D$name" -H "Accept: $pb"
	must "the list is protobuf" is_protobuf
	must "table" code 200 GET "$one" -H 'Accept: application/json;as=Table;v=v1;g=meta.k8s.io'
	must "a row with its cells" says '.kind == "Table" and (.rows | length) == 1 and (.columnDefinitions | length) >= 1 and (.rows[0].cells | length) == (.columnDefinitions | length)'
	must "watch" watched "$all?watch=1&timeoutSeconds=9&resourceVersion=$rv&fieldSelector=metadata.name%3D$name" \
		'.type == "ADDED" and .object.kind == "'"$5"'"'
	must "dry run of its deletion" code 200 DELETE "$one?dryRun=All"
	[ "$4" = namespaces ] && return
	must "delete" code 200 DELETE "$one?gracePeriodSeconds=0"
	must "gone" code 404 GET "$one"
	must "apply creates" code 201 PATCH "$one?fieldManager=applier" -H "$apply" -d "$config"
	must "with one manager" says '[.metadata.managedFields[].manager] == ["applier"]'
	must "delete what was applied" code 200 DELETE "$one?gracePeriodSeconds=0"
	# what a Job was given once cannot be sent again: it names the uid
	if [ "$4" != jobs ]; then
		must "dry run answered as protobuf" code 201 POST "$all?dryRun=All" -H "$json" -H "Accept: $pb" -d "$obj"
		must "is protobuf" is_protobuf
		cp "$dir/answer" "$dir/protobuf"
		must "create as protobuf" code 201 POST "$all" -H "Content-Type: $pb" --data-binary "@$dir/protobuf"
		must "delete with options as protobuf" code 200 DELETE "$one" -H "Content-Type: $pb" --data-binary "@$dir/options"
	fi
	must "explained" test -n "$(explanation "$4" "$version")"
}
explanation() { k explain "$1" --api-version="$2" 2>&1 | sed -n '/^DESCRIPTION/,/^$/p' | sed 1d; }
# v1 DeleteOptions with gracePeriodSeconds 0, as kubectl sends it
printf 'k8s\0\n\023\n\002v1\022\015DeleteOptions\022\002\010\0\032\0"\0' >"$dir/options"

# columns of kinds.tsv, apart by a byte that is no white space: many are empty
while IFS=$'\037' read -r id group version plural _ kind scope _ _ _ _ etcd _ _ _ _ _ storage _; do
	why=''
	[ -n "$etcd" ] || continue
	object=$(jq -c --arg a "$id" --arg b "$storage" '.[$a] // .[$b] // empty' selftests/cluster/kinds.json)
	if [ -z "$object" ]; then
		result 1 "$plural of $group/$version" "no object for it in kinds.json"
		continue
	fi
	stored "$id" "$group" "$version" "$plural" "$kind" "$scope" "$object"
	result $((${#why} > 0)) "$plural of ${group:+$group/}$version" "$why"
done < <(grep -v '^#' userspace/api/kinds/kinds.tsv | tr '\t' '\037')
finish
