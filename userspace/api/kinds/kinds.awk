# SPDX-License-Identifier: GPL-2.0-or-later
#
# kinds.awk - turns the table of kinds into C: awk -f kinds.awk [-v header=1] kinds.tsv
#
# A row with id "pods" becomes struct resource res_pods and struct kind kind_pods.

function fail(why) {
	print FILENAME ":" FNR ": " why > "/dev/stderr"
	failed = 1
	exit 1
}
function quoted(s) {
	return "\"" s "\""
}
function flags_of(s,	n, i, part, out) {
	n = split(s, part, ",")
	for (i = 1; i <= n; i++) {
		if (!(part[i] in flag))
			fail("no flag " part[i])
		out = out (out ? " | " : "") flag[part[i]]
	}
	return out ? out : "0"
}
# "status[get,patch]; scale[get]=autoscaling/v1 Scale"
function subs_of(id, s,	n, i, part, verbs, body, gv, slash, out) {
	n = split(s, part, "; ")
	for (i = 1; i <= n; i++) {
		if (!match(part[i], /^[a-z]+\[[a-z,]+\]/))
			fail("no subresource: " part[i])
		body = substr(part[i], RLENGTH + 2)
		verbs = part[i]
		sub(/^[a-z]+\[/, "", verbs)
		sub(/\].*/, "", verbs)
		sub(/\[.*/, "", part[i])
		out = out "\t{ " quoted(part[i]) ", " quoted(verbs)
		if (body != "") {
			split(body, gv, " ")
			slash = index(gv[1], "/")
			out = out ", " quoted(slash ? substr(gv[1], 1, slash - 1) : "") ", " quoted(substr(gv[1], slash + 1)) ", " quoted(gv[2])
		} else {
			out = out ", NULL, NULL, NULL"
		}
		out = out " },\n"
	}
	n_subs[id] = n
	return out
}

BEGIN {
	FS = "\t"
	flag["generation"] = "KIND_GENERATION"
	flag["put-creates"] = "KIND_PUT_CREATES"
	flag["needs-rv"] = "KIND_NEEDS_RV"
	flag["json"] = "KIND_STORED_JSON"
	flag["status-labels"] = "KIND_STATUS_LABELS"
	flag["status-metadata"] = "KIND_STATUS_METADATA"
	flag["status-owners"] = "KIND_STATUS_OWNERS"
	name["subdomain"] = "invalid_dns1123_subdomain"
	name["label"] = "invalid_dns1123_label"
	name["dns1035"] = "invalid_dns1035_label"
	name["segment"] = "invalid_path_segment"
	name["ip"] = "invalid_ip_name"
	print "/* Made by kinds.awk: change the table instead. */"
	if (header)
		print "#ifndef KEELSON_API_KINDS_TABLE_H\n#define KEELSON_API_KINDS_TABLE_H\n"
	else
		print "#include \"api/kinds/rules.h\"\n#include \"api/schema/tables.h\"\n\nextern const struct kind_rules kind_rules_none;"
}
/^#/ || $1 == "" { next }
{
	id = $1
	if (id in seen)
		fail("id " id " twice")
	seen[id] = 1
	if (!($15 in name))
		fail("no rule for names: " $15)
	if (header) {
		print "extern const struct resource res_" id ";"
		print "extern const struct kind kind_" id ";"
		next
	}
	ids[++n] = id
	type = $13
	gsub(/\./, "_", type)
	subs = subs_of(id, $11)
	if ($17 != "")
		print "extern const struct kind_rules kind_rules_" $17 ";"
	if ($19 != "")
		print "extern const struct kind_convert kind_convert_" $19 ";"
	if ($18 != "")
		print "extern const struct kind kind_" $18 ";"
	if (subs != "")
		print "static const struct subresource subs_" id "[] = {\n" subs "};"
	printf "const struct resource res_%s = {\n", id
	printf "\t.group = %s, .version = %s, .plural = %s, .kind = %s, .namespaced = %s,\n", quoted($2), quoted($3), quoted($4), quoted($6), $7 == "Namespaced" ? "true" : "false"
	printf "\t.etcd_dir = %s, .fields = %s,\n};\n", quoted($12), quoted($16)
	printf "const struct kind kind_%s = {\n", id
	printf "\t.res = &res_%s, .singular = %s, .short_names = %s, .categories = %s,\n", id, quoted($5), quoted($8), quoted($9)
	printf "\t.verbs = %s, ", quoted($10)
	if (subs != "")
		printf ".subs = subs_%s, .n_subs = %d, ", id, n_subs[id]
	printf ".schema = &sch_%s,\n\t.flags = %s, .invalid_name = %s, .rules = &kind_rules_%s,\n", type, flags_of($14), name[$15], $17 != "" ? $17 : "none"
	printf "\t.storage = &kind_%s,%s\n};\n\n", $18 != "" ? $18 : id, $19 != "" ? " .convert = &kind_convert_" $19 "," : ""
}
END {
	if (failed)
		exit 1
	if (header) {
		print "\n#endif"
		exit
	}
	print "const struct kind *const kind_table[] = {"
	for (i = 1; i <= n; i++)
		print "\t&kind_" ids[i] ","
	print "\tNULL,\n};"
}
