// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz_base_yaml.c - YAML text: what is accepted is a tree that JSON can say, and printed it is the same again */
#include "fuzz.h"

#include "base/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	_cleanup_free_ char *msg = NULL, *twice = NULL, *text = NULL, *why = NULL, *none = NULL, *as_json = NULL;
	_cleanup_json_ json *j = NULL, *again = NULL, *json_again = NULL;
	struct buf b = { 0 };
	int err = yaml_parse((const char *)data, len, &j, &twice, &msg);

	must_tell(err, msg);
	if (err)
		return 0;
	as_json = json_print(j);
	must(!json_parse(as_json, strlen(as_json), &json_again, NULL));
	must_equal(j, json_again);
	yaml_print(j, &b);
	text = buf_steal(&b);
	if (yaml_parse(text, strlen(text), &again, &none, &why)) {
		fprintf(stderr, "%s:\n%s\n", why, text);
		abort();
	}
	must(!none);
	must_equal(j, again);
	return 0;
}
