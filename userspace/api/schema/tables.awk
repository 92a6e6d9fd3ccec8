# SPDX-License-Identifier: GPL-2.0-or-later
#
# tables.awk - turns the tables of types into C: awk -f tables.awk [-v header=1] fields.tsv fields-more.tsv docs.tsv
#
# A type "io.k8s.api.core.v1" "PodSpec" becomes the array of its fields and
# sch_core_v1_PodSpec. What Go embeds and JSON flattens ("(inline)" with a
# number) becomes fields of the outer type that remember the message they are
# in. A later row replaces a former one of the same type and field; a row whose
# field is "(type)" says something of the type itself; "(like)" takes all
# fields of another type; "(closed)" names fields with no other values than the known.

function fail(why) {
	print FILENAME ":" FNR ": " why > "/dev/stderr"
	failed = 1
	exit 1
}
function id_of(pkg, type,	n, part) {
	n = split(pkg, part, ".")
	return part[n - 1] "_" part[n] "_" type
}
# The id of a full name "io.k8s.api.core.v1.Pod".
function id_of_name(full,	n, part) {
	n = split(full, part, ".")
	if (!(full in known))
		fail("no type " full)
	return part[n - 2] "_" part[n - 1] "_" part[n]
}
function quoted(s) {
	gsub(/\\/, "\\\\", s)
	gsub(/"/, "\\\"", s)
	return "\"" s "\""
}

BEGIN {
	FS = "\t"
	split("string bytes int32 int64 bool double quantity int-or-string time micro-time duration any", names, " ")
	split("STRING BYTES INT32 INT64 BOOL DOUBLE QUANTITY INT_OR_STRING TIME MICRO_TIME DURATION ANY", ctypes, " ")
	for (i in names)
		scalar[names[i]] = "F_" ctypes[i]
	scalar["FieldsV1"] = "F_ANY"
	ext = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1."
	scalar[ext "JSON"] = "F_ANY"
	special[ext "JSONSchemaPropsOrArray"] = "F_SCHEMA_OR_ARRAY"
	special[ext "JSONSchemaPropsOrBool"] = "F_SCHEMA_OR_BOOL"
	special[ext "JSONSchemaPropsOrStringArray"] = "F_SCHEMA_OR_STRINGS"
}
/^#/ || NF < 3 { next }
FILENAME ~ /docs[^\/]*\.tsv$/ {
	if (($1 in special) || ($1 in scalar))
		next
	if (!($1 in known) || ($2 != "-" && !(($1, $2) in row)))
		fail("a text for " $1 " " $2 ", which is no field")
	doc[$1, $2] = $3
	next
}
{
	type = $1 "." $2
	if (type in special)
		next
	if (!(type in known)) {
		known[type] = ++n_types
		package[n_types] = $1
		name[n_types] = $2
		full[n_types] = type
	}
	t = known[type]
	if ($3 == "(type)") {
		atomic[t] = $9 == "atomic"
		next
	}
	if ($3 == "(like)") {
		like[t] = $5
		next
	}
	if ($3 == "(closed)") {
		n_closed = split($5, part, ",")
		for (i = 1; i <= n_closed; i++) {
			if (!((type, part[i]) in row))
				fail("no field " type " " part[i])
			closed[type, part[i]] = 1
			if ($11 != "")
				values[type, part[i]] = $11
		}
		next
	}
	key = $3 == "(inline)" ? $3 $5 : $3
	if (!((type, key) in row)) {
		count[t]++
		order[t, count[t]] = key
	}
	row[type, key] = $0
}

# One shape: sets kind (F_*), sub (id or "").
function shape(s,	m) {
	sub_id = ""
	if (s in scalar)
		return scalar[s]
	if (s in special) {
		sub_id = "apiextensions_v1_JSONSchemaProps"
		return special[s]
	}
	sub_id = id_of_name(s)
	return "F_OBJECT"
}

# The text for a field ("-": for the type itself): its own, that of the type it is like, or that of v1.
function doc_of(t, field,	type) {
	type = full[t]
	if (!((type, field) in doc) && (t in like))
		type = like[t]
	if (!((type, field) in doc))
		sub(/\.v[0-9]+(alpha|beta)[0-9]+\./, ".v1.", type)
	return (type, field) in doc ? doc[type, field] : ""
}

# Emits the fields of type t into out[], those of inlined types with the numbers of the messages around them.
function collect(t, outer0, outer1, bare,	i, c, type, m, s, kind, elem, line, strategy, list, text) {
	type = full[t]
	if (t in like)
		collect(known[like[t]], outer0, outer1, bare)
	for (i = 1; i <= count[t]; i++) {
		split(row[type, order[t, i]], c, "\t")
		if (c[3] == "(inline)") {
			if (!(c[5] in known))
				fail("no type " c[5])
			if (c[4] == "")
				collect(known[c[5]], outer0, outer1, 1)
			else if (!outer0)
				collect(known[c[5]], c[4], 0, 0)
			else if (!outer1)
				collect(known[c[5]], outer0, c[4], 0)
			else
				fail(type ": embedded too deep")
			continue
		}
		s = c[5]
		elem = ""
		if (sub(/^list of /, "", s)) {
			kind = "F_LIST"
			elem = shape(s)
		} else if (sub(/^map of /, "", s)) {
			kind = "F_MAP"
			elem = s == "list of string" ? "F_STRINGS" : shape(s)
			if (s == "list of string")
				sub_id = ""
		} else {
			kind = shape(s)
		}
		line = "{ .name = " quoted(c[3]) ", .type = " kind
		if (elem != "")
			line = line ", .elem = " elem
		if (sub_id != "")
			line = line ", .sub = &sch_" sub_id
		if (!bare && c[4] != "")
			line = line ", .number = " c[4]
		if (outer0)
			line = line ", .outer = { " outer0 ", " outer1 + 0 " }"
		strategy = (c[7] ~ /merge/ ? "STRATEGY_MERGE" : "") (c[7] ~ /,/ ? " | " : "") (c[7] ~ /retainKeys/ ? "STRATEGY_RETAIN_KEYS" : "")
		if (strategy != "")
			line = line ", .strategy = " strategy
		if (c[8] != "")
			line = line ", .merge_key = " quoted(c[8])
		list = c[9] == "map" ? "LIST_MAP" : c[9] == "set" ? "LIST_SET" : c[9] == "atomic" ? "LIST_ATOMIC" : c[9] == "granular" ? "LIST_GRANULAR" : ""
		if (list != "")
			line = line ", .list = " list
		if (c[10] != "")
			line = line ", .map_keys = " quoted(c[10])
		if ((type, c[3]) in values)
			c[11] = values[type, c[3]]
		if (c[11] != "")
			line = line ", .values = " quoted(c[11])
		if ((type, c[3]) in closed)
			line = line ", .closed = true"
		if (c[12] != "")
			line = line ", .dflt = " quoted(c[12])
		if (c[6] == "required")
			line = line ", .required = true"
		if (c[14] == "*")
			line = line ", .presence = PRESENCE_POINTER"
		else if (c[14] == "omitempty")
			line = line ", .presence = PRESENCE_OMITEMPTY"
		else if (c[14] == "omitzero")
			line = line ", .presence = PRESENCE_OMITZERO"
		text = doc_of(t, c[3])
		if (text != "")
			line = line ", .doc = " quoted(text)
		n_out++
		out[n_out] = line " }"
		out_name[n_out] = c[3]
		sort_key[n_out] = sprintf("%05d%05d%05d", outer0 ? outer0 : c[4], outer1 ? outer1 : outer0 ? c[4] : 0, outer1 ? c[4] : 0)
		if (bare || c[4] == "")
			sort_key[n_out] = "-"
	}
}

function emit(t,	i, j, k, id, idx, n, tmp, text) {
	id = id_of(package[t], name[t])
	n_out = 0
	collect(t, 0, 0, 0)
	constants = 0
	for (i = 1; i <= n_out; i++)
		constants += out[i] ~ /\.dflt = /
	# by name, for a binary search
	for (i = 1; i <= n_out; i++)
		idx[i] = i
	for (i = 2; i <= n_out; i++)
		for (j = i; j > 1 && out_name[idx[j - 1]] > out_name[idx[j]]; j--) {
			tmp = idx[j]; idx[j] = idx[j - 1]; idx[j - 1] = tmp
		}
	for (i = 2; i <= n_out; i++)
		if (out_name[idx[i]] == out_name[idx[i - 1]])
			fail(full[t] " has " out_name[idx[i]] " twice")
	if (n_out) {
		print "static const struct field f_" id "[] = {"
		for (i = 1; i <= n_out; i++)
			print "\t" out[idx[i]] ","
		print "};"
	}
	# by number, for protobuf
	n = 0
	for (i = 1; i <= n_out; i++)
		if (sort_key[idx[i]] != "-")
			num[++n] = i
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && sort_key[idx[num[j - 1]]] > sort_key[idx[num[j]]]; j--) {
			tmp = num[j]; num[j] = num[j - 1]; num[j - 1] = tmp
		}
	if (n) {
		printf "static const unsigned short n_%s[] = {", id
		for (i = 1; i <= n; i++)
			printf "%s%d", (i > 1 ? ", " : " "), num[i] - 1
		print " };"
	}
	printf "const struct schema sch_%s = {\n\t.package = %s, .name = %s,", id, quoted(package[t]), quoted(name[t])
	if (n_out)
		printf "\n\t.fields = f_%s, .n_fields = %d,", id, n_out
	if (n)
		printf "\n\t.by_number = n_%s, .n_numbers = %d,", id, n
	if (constants)
		printf "\n\t.has_constants = true,"
	if (atomic[t])
		printf "\n\t.atomic = true,"
	text = doc_of(t, "-")
	if (text != "")
		printf "\n\t.doc = %s,", quoted(text)
	print "\n};"
}

END {
	if (failed)
		exit 1
	print "/* Made by tables.awk: change the tables instead. */"
	if (header) {
		print "#ifndef KEELSON_API_SCHEMA_TABLES_H\n#define KEELSON_API_SCHEMA_TABLES_H\n\n#include \"api/schema/schema.h\"\n"
		for (t = 1; t <= n_types; t++)
			print "extern const struct schema sch_" id_of(package[t], name[t]) ";"
		print "\n#endif"
		exit
	}
	print "#include \"api/schema/tables.h\"\n"
	for (t = 1; t <= n_types; t++)
		emit(t)
	print "const struct schema *const schema_types[] = {"
	for (t = 1; t <= n_types; t++)
		print "\t&sch_" id_of(package[t], name[t]) ","
	print "\tNULL,\n};"
}
