// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_meta_fields.c - two lines of FieldsV1, the sets of server-side apply: what is
 *                      accepted goes there and back, and sets are sets
 */
#include "fuzz.h"

#include "api/meta/field_set.h"
#include "api/schema/tables.h"

static bool read_set(const struct schema *s, const char *text, struct field_set *ret)
{
	_cleanup_json_ json *j = NULL, *written = NULL;
	_cleanup_field_set_ struct field_set again = { 0 };

	if (json_parse(text, strlen(text), &j, NULL) || field_set_parse(s, j, ret))
		return false;
	written = field_set_json(ret);
	must(!field_set_parse(s, written, &again));
	must(field_set_equal(ret, &again));
	return true;
}

static void count(void *data, const char *path)
{
	must(*path);
	++*(int *)data;
}

static int size(const struct field_set *s)
{
	int n = 0;

	field_set_each(s, count, &n);
	return n;
}

static void sets(const struct field_set *a, const struct field_set *b)
{
	_cleanup_field_set_ struct field_set both = field_set_clone(a), either = field_set_clone(a),
		only = field_set_clone(a), above = field_set_clone(a), none = field_set_clone(a);

	field_set_keep(&both, b);
	field_set_add(&either, b);
	field_set_remove(&only, b);
	field_set_remove_below(&above, b);
	field_set_remove(&none, a);
	must(field_set_empty(&none));
	must(size(&either) == size(a) + size(b) - size(&both));
	must(size(&only) == size(a) - size(&both));
	must(size(&above) <= size(&only));
	must(field_set_meets(a, b) == !field_set_empty(&both));
	field_set_add(&only, &both);
	must(field_set_equal(&only, a));
	field_set_keep(&either, a);
	must(field_set_equal(&either, a));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct parts in = { (const char *)data, len };
	_cleanup_free_ char *one = next_part(&in), *other = next_part(&in);

	for (int i = 0; i < 2; i++) {
		const struct schema *s = i ? &sch_core_v1_Pod : NULL;
		_cleanup_field_set_ struct field_set a = { 0 }, b = { 0 };

		if (!read_set(s, one, &a) || !read_set(s, other, &b))
			continue;
		sets(&a, &b);
		sets(&b, &a);
	}
	return 0;
}
