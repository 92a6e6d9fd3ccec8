// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz_base_json.c - JSON text: what is accepted is kept exactly, and printed as JSON again */
#include "fuzz.h"

static void count(void *data, const char *path)
{
	must(*path);
	++*(int *)data;
}

/* Printed, it is the same again. */
static void comes_back(const json *j, char *text)
{
	_cleanup_free_ char *msg = NULL;
	_cleanup_json_ json *again = NULL;

	must(!json_parse(text, strlen(text), &again, &msg));
	must_equal(j, again);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	_cleanup_free_ char *msg = NULL, *loose_msg = NULL;
	_cleanup_json_ json *strict = NULL, *loose = NULL, *copy = NULL;
	const char *text = (const char *)data;
	int twice = 0, err, loose_err;

	err = json_parse(text, len, &strict, &msg);
	must_tell(err, msg);
	loose_err = json_parse_duplicates(text, len, count, &twice, &loose, &loose_msg);
	must_tell(loose_err, loose_msg);
	/* They differ in what stands twice, and in nothing else. */
	must(loose_err ? err : !err == !twice);
	if (loose_err)
		return 0;
	must(utf8_valid(text, len));
	if (!err)
		must_equal(strict, loose);
	comes_back(loose, json_print(loose));
	comes_back(loose, json_print_pretty(loose));
	copy = json_clone(loose);
	must_equal(loose, copy);
	return 0;
}
