// SPDX-License-Identifier: GPL-2.0-or-later
/* indexes.c - see indexes.h */
#include "api/kinds/indexes.h"

#include <errno.h>

#include "base/json.h"
#include "base/util.h"

struct interval {
	int64_t first, last;
};

static int read_index(const char *s, int64_t limit, int64_t *ret, char **ret_why)
{
	_cleanup_json_ json *text = json_new_str(s);
	_cleanup_free_ char *quoted = json_print(text);

	if (parse_i64(s, INT64_MIN, INT64_MAX, ret)) {
		*ret_why = xasprintf("cannot convert string to integer for index: %s", quoted);
		return -EINVAL;
	}
	if (*ret >= limit) {
		*ret_why = xasprintf("too large index: %s", quoted);
		return -EINVAL;
	}
	return 0;
}

static int not_rising(int64_t before, int64_t now, char **ret_why)
{
	*ret_why = xasprintf("non-increasing order, previous: %lld, current: %lld", (long long)before, (long long)now);
	return -EINVAL;
}

/* "3" or "3-5"; s is cut in two. */
static int read_interval(char *s, int64_t limit, struct interval *ret, char **ret_why)
{
	char *dash = strchr(s, '-');
	int err;

	if (dash && strchr(dash + 1, '-')) {
		_cleanup_json_ json *text = json_new_str(s);
		_cleanup_free_ char *quoted = json_print(text);

		*ret_why = xasprintf("the fragment %s violates the requirement that an index interval can have at most two "
				     "parts separated by '-'", quoted);
		return -EINVAL;
	}
	if (dash)
		*dash = '\0';
	err = read_index(s, limit, &ret->first, ret_why);
	ret->last = ret->first;
	if (err || !dash)
		return err;
	err = read_index(dash + 1, limit, &ret->last, ret_why);
	if (err)
		return err;
	return ret->first < ret->last ? 0 : not_rising(ret->first, ret->last, ret_why);
}

/* The part that *p begins with; *p is then at the next, or NULL. Caller frees. */
static char *next_part(const char **p)
{
	size_t n = strcspn(*p, ",");
	char *part = xstrndup(*p, n);

	*p = (*p)[n] ? *p + n + 1 : NULL;
	return part;
}

int indexes_count(const char *text, int64_t limit, int64_t *ret, char **ret_why)
{
	struct interval v, before = { -1, -1 };
	bool first = true;

	*ret = 0;
	for (const char *p = *text ? text : NULL; p;) {
		_cleanup_free_ char *part = next_part(&p);
		int err = read_interval(part, limit, &v, ret_why);

		if (!err && !first && before.last >= v.first)
			err = not_rising(before.last, v.first, ret_why);
		if (err) {
			*ret = 0;
			return err;
		}
		*ret += v.last - v.first + 1;
		before = v;
		first = false;
	}
	return 0;
}

static int64_t first_within(const char *text, int64_t limit, struct interval v)
{
	for (const char *p = *text ? text : NULL; p;) {
		_cleanup_free_ char *part = next_part(&p), *why = NULL;
		struct interval w;

		if (!read_interval(part, limit, &w, &why) && w.first <= v.last && v.first <= w.last)
			return w.first > v.first ? w.first : v.first;
	}
	return -1;
}

int64_t indexes_overlap(const char *a, const char *b, int64_t limit)
{
	for (const char *p = *a ? a : NULL; p;) {
		_cleanup_free_ char *part = next_part(&p), *why = NULL;
		struct interval v;
		int64_t at;

		if (read_interval(part, limit, &v, &why))
			continue;
		at = first_within(b, limit, v);
		if (at >= 0)
			return at;
	}
	return -1;
}
