// SPDX-License-Identifier: GPL-2.0-or-later
/* encode.c - see media.h: answers and bodies as bytes */
#include "api/kinds/kinds.h"
#include "api/meta/status.h"
#include "api/rest/media.h"
#include "api/schema/protobuf.h"
#include "base/yaml.h"

static const char *member(const json *obj, const char *name)
{
	return json_str_or(json_get(obj, name), "");
}

/* The type of a list's items: "PodList" holds "Pod"; NULL if it is no list that the tables know. */
static const struct schema *item_schema(const json *list)
{
	const char *kind = member(list, "kind");
	_cleanup_free_ char *item = NULL;

	if (!json_is_array(json_get(list, "items")) || !endswith(kind, "List"))
		return NULL;
	item = xstrndup(kind, strlen(kind) - strlen("List"));
	return kind_schema(member(list, "apiVersion"), item);
}

static bool encode_protobuf(const json *obj, struct buf *out)
{
	const struct schema *list = item_schema(obj), *s;

	if (list) {
		protobuf_encode_list(list, obj, out);
		return true;
	}
	s = kind_schema(member(obj, "apiVersion"), member(obj, "kind"));
	if (s)
		protobuf_encode_object(s, obj, out);
	return s;
}

void rest_encode(enum rest_encoding encoding, const json *obj, struct buf *out, const char **ret_type)
{
	_cleanup_free_ char *text = NULL;

	if (encoding == REST_PROTOBUF && encode_protobuf(obj, out)) {
		*ret_type = REST_TYPE_PROTOBUF;
		return;
	}
	if (encoding == REST_YAML) {
		yaml_print(obj, out);
		*ret_type = REST_TYPE_YAML;
		return;
	}
	text = json_print(obj);
	buf_puts(out, text);
	buf_puts(out, "\n");
	*ret_type = REST_TYPE_JSON;
}

void rest_encode_event(enum rest_encoding encoding, const char *type, const void *object, size_t len, struct buf *out)
{
	if (encoding == REST_PROTOBUF) {
		protobuf_frame(type, object, len, out);
		return;
	}
	if (len && ((const char *)object)[len - 1] == '\n')
		len--;
	buf_printf(out, "{\"type\":\"%s\",\"object\":", type);
	buf_add(out, object, len);
	buf_puts(out, "}\n");
}

/* --- bodies ------------------------------------------------------------------------- */

static json *decode_protobuf(const char *text, size_t len, const char *api_version, const char *kind,
			     json **ret_status)
{
	_cleanup_envelope_ struct protobuf_envelope e = { 0 };
	_cleanup_free_ char *why = NULL;
	const struct schema *s;
	json *obj;

	if (protobuf_open(text, len, &e, &why)) {
		*ret_status = status_bad_request("%s", why);
		return NULL;
	}
	if (*e.api_version)
		api_version = e.api_version;
	if (*e.kind)
		kind = e.kind;
	s = kind_schema(api_version, kind);
	if (!s) {
		*ret_status = status_bad_request("no kind \"%s\" is registered for version \"%s\"", kind, api_version);
		return NULL;
	}
	if (protobuf_decode(s, e.raw, e.raw_len, &obj, &why)) {
		*ret_status = status_bad_request("%s in version \"%s\" cannot be handled as a %s: %s", kind, api_version,
						 kind, why);
		return NULL;
	}
	json_set_str(obj, "apiVersion", api_version);
	json_set_str(obj, "kind", kind);
	return obj;
}

static void note_duplicate(void *data, const char *path)
{
	if (data)
		strlist_take(data, xasprintf("duplicate field \"%s\"", path));
}

/* *ret_odd (to free): NULL, or what Go says of keys that stand twice. */
static int decode_yaml(const char *text, size_t len, json **ret, char **ret_odd, char **ret_why)
{
	_cleanup_free_ char *twice = NULL;
	struct buf b = {0};
	int err = yaml_parse(text, len, ret, &twice, ret_why);

	*ret_odd = NULL;
	if (!twice)
		return err;
	buf_puts(&b, "yaml: unmarshal errors:");
	for (char *save, *line = strtok_r(twice, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		buf_printf(&b, "\n  %s", line);
	*ret_odd = buf_steal(&b);
	return err;
}

json *rest_decode_config(const char *text, size_t len, struct strlist *odd, json **ret_status)
{
	_cleanup_free_ char *twice = NULL, *why = NULL;
	_cleanup_json_ json *config = NULL;

	if (decode_yaml(text, len, &config, &twice, &why)) {
		*ret_status = status_bad_request("error decoding patch: error converting YAML to JSON: %s", why);
		return NULL;
	}
	if (!json_is_object(config) && !cJSON_IsNull(config)) {
		*ret_status = status_bad_request("error decoding patch: error unmarshaling JSON: while decoding JSON: json: cannot "
						 "unmarshal %s into Go value of type map[string]interface {}",
						 json_is_string(config) ? "string" : json_is_array(config) ? "array" :
						 cJSON_IsBool(config) ? "bool" : "number");
		return NULL;
	}
	if (twice)
		strlist_take(odd, xasprintf("error converting YAML to JSON: %s", twice));
	return cJSON_IsNull(config) ? json_new_object() : TAKE_PTR(config);
}

json *rest_decode(enum rest_body type, const char *text, size_t len, const char *api_version, const char *kind,
		  struct strlist *duplicates, json **ret_status)
{
	_cleanup_free_ char *why = NULL, *twice = NULL;
	json *body;

	if (type == REST_BODY_PROTOBUF)
		return decode_protobuf(text, len, api_version, kind, ret_status);
	if (type == REST_BODY_YAML) {
		if (!decode_yaml(text, len, &body, &twice, &why)) {
			if (twice && duplicates)
				strlist_take(duplicates, TAKE_PTR(twice));
			return body;
		}
		*ret_status = status_bad_request("the object provided is unrecognized (must be of type %s): "
						 "error converting YAML to JSON: %s", kind, why);
		return NULL;
	}
	if (!json_parse_duplicates(text, len, note_duplicate, duplicates, &body, &why))
		return body;
	*ret_status = status_bad_request("the object provided is unrecognized (must be of type %s): "
					 "couldn't get version/kind; json parse error: %s", kind, why);
	return NULL;
}
