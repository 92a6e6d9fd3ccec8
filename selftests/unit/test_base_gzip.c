// SPDX-License-Identifier: GPL-2.0-or-later
/* test_base_gzip.c - compressed piece by piece, and back; what is no gzip file */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>

#include "base/gzip.h"

/* A megabyte of lines in 1,000 pieces. */
static void compress(struct buf *text, struct buf *gz)
{
	struct gzip *g = gzip_new(6);

	for (int i = 0; i < 1000; i++) {
		size_t from = text->len;

		for (int j = 0; j < 50; j++)
			buf_printf(text, "line %d of %d, and so on\n", j, i);
		gzip_add(g, text->data + from, text->len - from);
	}
	gzip_finish(g, gz);
}

static void there_and_back(void **state)
{
	struct buf text = { 0 }, gz = { 0 }, back = { 0 };

	compress(&text, &gz);
	assert_true(gz.len < text.len / 5);
	assert_int_equal(gunzip(gz.data, gz.len, text.len, &back), 0);
	assert_int_equal(back.len, text.len);
	assert_memory_equal(back.data, text.data, text.len);
	buf_free(&text);
	buf_free(&gz);
	buf_free(&back);
}

static void nothing_inside(void **state)
{
	struct buf gz = { 0 }, back = { 0 };

	gzip_finish(gzip_new(1), &gz);
	assert_int_equal(gunzip(gz.data, gz.len, 0, &back), 0);
	assert_int_equal(back.len, 0);
	buf_free(&gz);
	buf_free(&back);
}

static void what_is_wrong_is_told(void **state)
{
	struct buf text = { 0 }, gz = { 0 }, back = { 0 };

	compress(&text, &gz);
	assert_int_equal(gunzip(gz.data, gz.len, text.len - 1, &back), -EFBIG);
	buf_free(&back);
	assert_int_equal(gunzip(gz.data, gz.len - 1, text.len, &back), -EINVAL);
	buf_free(&back);
	gz.data[gz.len / 2] ^= 0x55;
	assert_int_equal(gunzip(gz.data, gz.len, text.len, &back), -EINVAL);
	buf_free(&back);
	assert_int_equal(gunzip("plain text", 10, 100, &back), -EINVAL);
	assert_int_equal(gunzip("", 0, 100, &back), -EINVAL);
	gzip_free(gzip_new(9));
	buf_free(&text);
	buf_free(&gz);
	buf_free(&back);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(nothing_inside),
		cmocka_unit_test(what_is_wrong_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
