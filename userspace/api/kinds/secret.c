// SPDX-License-Identifier: GPL-2.0-or-later
/* secret.c - Secret */
#include "api/kinds/rules.h"
#include <openssl/evp.h>
#include "api/kinds/data.h"

/* stringData is only a way to write: it becomes data. */
static void default_secret(json *obj)
{
	_cleanup_json_ json *text = json_take(obj, "stringData");

	default_str(obj, "type", "Opaque");
	json_each(it, text) {
		const char *s = json_str_or(it, "");
		size_t n = strlen(s);
		_cleanup_free_ char *b64 = xmalloc(n / 3 * 4 + 5);

		EVP_EncodeBlock((unsigned char *)b64, (const unsigned char *)s, n);
		json_set_str(json_obj(obj, "data"), json_key(it), b64);
	}
}

static void validate_secret(const json *obj, struct field_errors *e)
{
	static const char *const needed[][2] = {
		{ "kubernetes.io/dockercfg", ".dockercfg" },
		{ "kubernetes.io/dockerconfigjson", ".dockerconfigjson" },
		{ "kubernetes.io/ssh-auth", "ssh-privatekey" },
		{ "kubernetes.io/tls", "tls.crt" },
		{ "kubernetes.io/tls", "tls.key" },
	};
	const char *type = text_of(obj, "type");

	if (validate_data(obj, "data", true, e) > DATA_MAX)
		field_too_long(e, "data", DATA_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		PATH(p, "data[%s]", needed[i][1]);

		if (streq(type, needed[i][0]) && !json_get(obj, "data", needed[i][1]))
			field_required(e, p, NULL);
	}
	if (streq(type, "kubernetes.io/basic-auth") && !json_get(obj, "data", "username") &&
	    !json_get(obj, "data", "password")) {
		field_required(e, "data[username]", NULL);
		field_required(e, "data[password]", NULL);
	}
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
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Type", "string", "What the secret is for."),
		COLUMN("Data", "integer", "The number of entries."),
		COLUMN_AGE),
	.cells = secret_cells,
};
