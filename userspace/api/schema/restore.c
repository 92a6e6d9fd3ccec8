// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * restore.c - trees that are no objects, in the words of Kubernetes' converter
 *
 * That converter (k8s.io/apimachinery/pkg/runtime, fromUnstructured) takes the
 * result of a strategic merge patch where other bodies go through a decoder: its
 * errors differ from check.c's.
 */
#include <stdio.h>

#include "api/schema/quantity.h"
#include "api/schema/schema.h"

/* A value's type as Go's reflection names it. */
static const char *kind_of(const json *j)
{
	if (json_is_string(j))
		return "string";
	if (cJSON_IsBool(j))
		return "bool";
	if (json_is_object(j))
		return "map";
	if (json_is_array(j))
		return "slice";
	return json_is_int(j) ? "int64" : "float64";
}

static char *cannot_convert(const json *j, const char *to)
{
	const char *from = kind_of(j);

	return xasprintf("cannot convert %s to %s", streq(from, "map") ? "map[string]interface {}" :
			 streq(from, "slice") ? "[]interface {}" : from, to);
}

static char *value_problem(const struct field *f, enum field_type type, const json *j)
{
	const char *why = NULL;
	char *problem = NULL;
	quantity_t q;
	uint64_t us;

	if (cJSON_IsNull(j))
		return NULL;
	switch (type) {
	case F_STRING:
		return json_is_string(j) ? NULL : cannot_convert(j, "string");
	case F_BOOL:
		return cJSON_IsBool(j) ? NULL : cannot_convert(j, "bool");
	case F_INT32:
	case F_INT64:
		if (!cJSON_IsNumber(j) && !cJSON_IsRaw(j))
			return cannot_convert(j, type == F_INT32 ? "int32" : "int64");
		if (!json_is_int(j) || (type == F_INT32 && (json_int(j, 0) < INT32_MIN || json_int(j, 0) > INT32_MAX)))
			return xstrdup("number overflows");
		return NULL;
	case F_BYTES:
		return json_is_string(j) ? NULL : xasprintf("cannot restore slice from %s", kind_of(j));
	case F_QUANTITY:
		if (json_is_string(j) && quantity_parse(j->valuestring, &q, NULL, &why))
			return xstrdup(why);
		return json_is_object(j) || json_is_array(j) || cJSON_IsBool(j) ?
		       xstrdup("quantities must match the regular expression "
			       "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'") : NULL;
	case F_TIME:
	case F_MICRO_TIME:
		if (!json_is_string(j))
			return xasprintf("json: cannot unmarshal %s into Go value of type string",
					 streq(kind_of(j), "int64") ? "number" : kind_of(j));
		return parse_time(j->valuestring, &us) ?
		       xasprintf("parsing time \"%s\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"%s\" as \"2006\"",
				 j->valuestring, j->valuestring) : NULL;
	case F_INT_OR_STRING:
		return json_is_string(j) || json_is_int(j) ? NULL :
		       xasprintf("json: cannot unmarshal %s into Go value of type int32",
				 json_is_object(j) ? "object" : json_is_array(j) ? "array" : cJSON_IsBool(j) ? "bool" : "number");
	case F_OBJECT:
		return json_is_object(j) ? schema_unrestorable(f->sub, j) :
		       xasprintf("cannot restore struct from: %s", kind_of(j));
	case F_LIST:
		if (!json_is_array(j))
			return xasprintf("cannot restore slice from %s", kind_of(j));
		break;
	case F_MAP:
		if (!json_is_object(j))
			return xasprintf("cannot restore map from %s", kind_of(j));
		break;
	case F_STRINGS:
		return json_is_array(j) ? NULL : xasprintf("cannot restore slice from %s", kind_of(j));
	default:
		return NULL;
	}
	json_each(it, j)
		if (!problem)
			problem = value_problem(f, f->elem, it);
	return problem;
}

char *schema_unrestorable(const struct schema *s, const json *obj)
{
	json_each(it, obj) {
		const struct field *f = schema_field(s, json_key(it));
		char *problem = f ? value_problem(f, f->type, it) : NULL;

		if (problem)
			return problem;
	}
	return NULL;
}
