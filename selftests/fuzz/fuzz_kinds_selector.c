// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_kinds_selector.c - selectors of lists and watches: the first two bytes
 *                         choose a kind, then come a label selector and a field
 *                         selector, a line each
 */
#include "fuzz_kinds.h"

#include "api/meta/selector.h"
#include "api/meta/selector_label.h"

/* Whatever the object looks like, there is an answer. */
static void ask(const struct selector *s)
{
	static json *objects[4];

	if (!objects[0]) {
		objects[0] = json_new_object();
		objects[1] = json_build("{\"metadata\":{\"name\":\"a\",\"namespace\":\"b\",\"labels\":{\"app\":\"web\",\"n\":\"3\"}},"
					"\"spec\":{\"nodeName\":\"x\"},\"status\":{\"phase\":\"Running\"}}");
		objects[2] = json_build("{\"metadata\":[],\"spec\":\"\",\"status\":7,\"type\":{}}");
		objects[3] = json_build("{\"metadata\":{\"name\":1,\"labels\":{\"app\":2,\"n\":null}},\"type\":\"Opaque\"}");
	}
	for (size_t i = 0; i < ARRAY_SIZE(objects); i++)
		selector_match(s, objects[i]);
	/* a name that is asked for is the only one that fits */
	must(!selector_name(s) || !selector_match(s, objects[1]) || streq(selector_name(s), "a"));
	must(!selector_is_empty(s) || selector_match(s, objects[0]));
}

static void parse(const struct kind *k, const char *label, const char *field)
{
	const struct store_selector sel = { .label = label, .field = field };
	_cleanup_free_ char *msg = NULL;
	struct selector *s = NULL;
	int err = kind_selector_parse(k, &sel, &s, &msg);

	must_tell(err, msg);
	if (!err)
		ask(s);
	selector_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct parts in = { (const char *)data + 2, len - 2 };
	_cleanup_free_ char *label = NULL, *field = NULL;
	const struct kind *k;

	if (len < 2)
		return 0;
	k = chosen_kind(data);
	label = next_part(&in);
	field = next_part(&in);
	parse(k, label, NULL);
	parse(k, NULL, field);
	parse(k, label, field);
	return 0;
}
