// SPDX-License-Identifier: GPL-2.0-or-later
/* secret.c - Secret: a ConfigMap whose type says what must be in it */
#include "api/kinds/rules.h"
#include "api/kinds/data.h"
#include "base/base64.h"

#define ACCOUNT_NAME "kubernetes.io/service-account.name"

/* stringData is only a way to write: it becomes data. */
static void default_secret(json *obj)
{
	_cleanup_json_ json *text = json_take(obj, "stringData");

	default_str(obj, "type", "Opaque");
	json_each(it, text) {
		const char *s = json_str_or(it, "");
		_cleanup_free_ char *b64 = base64_encode(s, strlen(s));

		json_set_str(json_obj(obj, "data"), json_key(it), b64);
	}
}

/* --- what the types demand ---------------------------------------------------------- */

static const json *entry(const json *obj, const char *key)
{
	return json_get(obj, "data", key);
}

static void need_entry(const json *obj, const char *key, struct field_errors *e)
{
	PATH(p, "data[%s]", key);

	if (!entry(obj, key))
		field_required(e, p, NULL);
}

/* What Go's decoder says of a text that should be an object; NULL if it is one, or null. Caller frees. */
static char *json_fault(const char *text, size_t len)
{
	_cleanup_json_ json *j = NULL;

	for (; len && strchr(" \t\r\n", *text); text++)
		len--;
	if (!len)
		return xstrdup("unexpected end of JSON input");
	if (!strchr("{[\"-0123456789tfn", *text))
		return xasprintf("invalid character '%c' looking for beginning of value", *text);
	if (json_parse(text, len, &j, NULL))
		return xstrdup("invalid JSON");
	if (json_is_object(j) || cJSON_IsNull(j))
		return NULL;
	return xasprintf("json: cannot unmarshal %s into Go value of type map[string]interface {}",
			 json_is_array(j) ? "array" : json_is_string(j) ? "string" : cJSON_IsBool(j) ? "bool" : "number");
}

static void validate_json(const json *obj, const char *key, struct field_errors *e)
{
	const char *b64 = json_str(entry(obj, key));
	_cleanup_free_ char *fault = NULL;
	struct buf bytes = { 0 };
	PATH(p, "data[%s]", key);

	need_entry(obj, key, e);
	if (!b64)
		return;
	base64_decode(b64, strlen(b64), &bytes);
	fault = json_fault(bytes.data ? bytes.data : "", bytes.len);
	buf_free(&bytes);
	if (fault)
		field_invalid_str(e, p, "<secret contents redacted>", fault);
}

static void validate_type(const json *obj, const char *type, struct field_errors *e)
{
	if (streq(type, "kubernetes.io/service-account-token")) {
		if (!text_of(json_get(obj, "metadata", "annotations"), ACCOUNT_NAME))
			field_required(e, "metadata.annotations[" ACCOUNT_NAME "]", NULL);
	} else if (streq(type, "kubernetes.io/dockercfg")) {
		validate_json(obj, ".dockercfg", e);
	} else if (streq(type, "kubernetes.io/dockerconfigjson")) {
		validate_json(obj, ".dockerconfigjson", e);
	} else if (streq(type, "kubernetes.io/basic-auth")) {
		if (!entry(obj, "username") && !entry(obj, "password")) {
			need_entry(obj, "username", e);
			need_entry(obj, "password", e);
		}
	} else if (streq(type, "kubernetes.io/ssh-auth")) {
		if (!*json_str_or(entry(obj, "ssh-privatekey"), ""))
			field_required(e, "data[ssh-privatekey]", NULL);
	} else if (streq(type, "kubernetes.io/tls")) {
		need_entry(obj, "tls.crt", e);
		need_entry(obj, "tls.key", e);
	}
}

static void validate_secret(const json *obj, struct field_errors *e)
{
	if (validate_data(obj, "data", true, NULL, e) > DATA_MAX)
		field_too_long(e, "data", DATA_MAX);
	validate_type(obj, text_of(obj, "type"), e);
}

static void validate_secret_update(const json *new, const json *old, struct field_errors *e)
{
	validate_immutable(json_get(new, "type"), json_get(old, "type"), "type", e);
	validate_frozen(new, old, e);
}

static void secret_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_str(cells, json_str_or(json_get(obj, "type"), ""));
	cell_int(cells, json_len(json_get(obj, "data")));
	cell_age(cells, obj, now_us);
}

const struct kind_rules kind_rules_secret = {
	.defaults = default_secret,
	.validate = validate_secret,
	.validate_update = validate_secret_update,
	.order = UPDATE_FIRST,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Type", "string", "What the secret is for."),
		COLUMN("Data", "string", "The number of entries."),
		COLUMN_AGE),
	.cells = secret_cells,
};
