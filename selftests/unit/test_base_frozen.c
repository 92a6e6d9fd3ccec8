// SPDX-License-Identifier: GPL-2.0-or-later
/* test_base_frozen.c - trees that are shared, their lists and their forms; and the printing of trees */
#include "test_loop.h"

#include "base/frozen.h"

#define OBJECT "{\"kind\":\"K\",\"metadata\":{\"name\":\"n\",\"labels\":{\"own\":\"x\",\"e\":\"\"}},\"n\":-1.5,\"big\":9007199254740993," \
	       "\"list\":[1,true,false,null,\"s\",{},[]],\"text\":\"a\\\"\\\\\\n\\u0001\xc3\xbc\"}"

static json *parse(const char *text)
{
	json *j = NULL;

	assert_int_equal(json_parse(text, strlen(text), &j, NULL), 0);
	return j;
}

static void prints(const json *j, const char *want)
{
	_cleanup_free_ char *text = json_print(j);

	assert_string_equal(text, want);
}

static void a_frozen_tree_reads_like_its_source(void **state)
{
	_cleanup_json_ json *j = NULL, *copy = NULL;
	const json *f;

	j = parse(OBJECT);
	f = json_freeze(j);
	assert_true(json_is_frozen(f));
	assert_false(json_is_frozen(j));
	assert_true(json_equal(f, j));
	prints(f, OBJECT);
	assert_int_equal(json_int(json_get(f, "big"), 0), 9007199254740993);
	assert_string_equal(json_str(json_get(f, "metadata", "labels", "own")), "x");
	assert_int_equal(json_len(json_get(f, "list")), 7);
	/* a copy is a tree that may be changed, and outlives what it was made of */
	copy = json_clone(f);
	assert_false(json_is_frozen(copy));
	json_release(f);
	json_set_str(json_get(copy, "metadata"), "name", "m");
	json_del(copy, "list");
	json_append(json_set(copy, "list", json_new_array()), json_new_int(1));
	assert_string_equal(json_str(json_get(copy, "metadata", "name")), "m");
}

static void keepers_share(void **state)
{
	_cleanup_json_ json *j = parse(OBJECT), *list = json_new_array(), *borrows = json_new_object(), *copy = NULL;
	const json *f = json_freeze(j), *g = json_keep(f), *h = json_keep(j), *item, *part;

	assert_ptr_equal(f, g);
	assert_ptr_not_equal(h, j);
	json_release(h);
	json_release(f);
	prints(g, OBJECT);
	json_append_frozen(list, g);
	json_append_frozen(list, g);
	assert_string_equal(json_str(json_get(list->child->next, "metadata", "name")), "n");
	item = json_keep(list->child);
	assert_ptr_equal(item, g);
	json_release(item);
	prints(list, "[" OBJECT "," OBJECT "]");
	copy = json_clone(list);
	json_freep(&list);
	/* a part of it is not shared */
	part = json_keep(json_get(g, "metadata"));
	json_release(g);
	prints(part, "{\"name\":\"n\",\"labels\":{\"own\":\"x\",\"e\":\"\"}}");
	json_release(part);
	prints(copy, "[" OBJECT "," OBJECT "]");
	item = json_keep(copy->child);
	prints(item, OBJECT);
	json_release(item);
	/* what cJSON only refers to is copied */
	cJSON_AddItemReferenceToObject(borrows, "s", json_get(j, "text"));
	item = json_freeze(borrows);
	assert_string_equal(json_str(json_get(item, "s")), json_str(json_get(j, "text")));
	json_release(item);
	json_release(NULL);
}

static void shared_keys_cost_nothing(void **state)
{
	_cleanup_json_ json *j = parse("{\"aFieldOfManyObjects\":{\"another\":1}}"), *k = NULL;
	char longer[] = "{\"one_that_is_longer_than_any_field_of_an_object_could_ever_be_called_xx\":1}";
	const json *f = json_freeze(j), *g;

	k = parse(longer);
	g = json_freeze(k);
	assert_ptr_equal(json_key(f->child), json_key(j->child));
	assert_ptr_not_equal(json_key(g->child), json_key(k->child));
	json_freep(&j);
	json_freep(&k);
	prints(f, "{\"aFieldOfManyObjects\":{\"another\":1}}");
	prints(g, longer);
	json_release(f);
	json_release(g);
}

static void forms_are_made_once_and_forgotten(void **state)
{
	_cleanup_json_ json *j = parse(OBJECT);
	_cleanup_bytes_ struct bytes *one = bytes_new("one", 3), *two = bytes_new("two", 3), *big = NULL;
	_cleanup_free_ char *fill = xcalloc(1, FORMS_MAX);
	const json *f = json_freeze(j), *g = json_freeze(j);

	big = bytes_new(fill, FORMS_MAX - 5);
	json_put_form(j, 1, one);
	assert_null(json_form(j, 1));
	assert_null(json_form(f, 1));
	json_put_form(f, 1, one);
	json_put_form(f, 2, two);
	assert_ptr_equal(json_form(f, 1), one);
	assert_ptr_equal(json_form(f, 2), two);
	json_put_form(f, 2, one);
	assert_ptr_equal(json_form(f, 2), one);
	/* no room */
	json_put_form(g, 1, big);
	assert_null(json_form(g, 1));
	/* two sweeps without anything new */
	assert_true(json_forms_sweep());
	assert_ptr_equal(json_form(f, 1), one);
	json_put_form(f, 3, two);
	assert_true(json_forms_sweep());
	assert_ptr_equal(json_form(f, 1), one);
	assert_false(json_forms_sweep());
	assert_null(json_form(f, 1));
	assert_int_equal(one->refs, 1);
	json_put_form(g, 1, big);
	assert_ptr_equal(json_form(g, 1), big);
	json_release(g);
	assert_int_equal(big->refs, 1);
	assert_false(json_forms_sweep());
	json_release(f);
}

static void printing(void **state)
{
	static const char *const same[] = {
		"{}", "[]", "null", "true", "0", "-1", "1.5", "123456789012345", "1234567890123456789", "-9223372036854775808",
		"0.1", "1e+300", "\"\"", "\"\\b\\f\\n\\r\\t\\u001f\\\"\\\\/\"", "\"\x7f\xe2\x82\xac\"", "[[],{},[{\"a\":[]}]]", OBJECT,
	};
	struct buf b = {0};

	for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
		_cleanup_json_ json *j = parse(same[i]);

		prints(j, same[i]);
	}
	json_write_str(&b, "a\"b");
	json_write_str(&b, "");
	assert_string_equal(b.data, "\"a\\\"b\"\"\"");
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frozen_tree_reads_like_its_source),
		cmocka_unit_test(keepers_share),
		cmocka_unit_test(shared_keys_cost_nothing),
		cmocka_unit_test(forms_are_made_once_and_forgotten),
		cmocka_unit_test(printing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
