// SPDX-License-Identifier: GPL-2.0-or-later
/* duration.c - durations in Go's words, see util.h */
#include <errno.h>
#include <stdio.h>

#include "base/util.h"

static const struct unit {
	const char *name;
	int64_t ns;
} units[] = {
	/* "ms" before "m": the longer name first */
	{ "ns", 1 }, { "us", 1000 }, { "\302\265s", 1000 }, { "\316\274s", 1000 }, { "ms", 1000000 },
	{ "s", 1000000000 }, { "m", INT64_C(60000000000) }, { "h", INT64_C(3600000000000) },
};

/* "1.5h" at *p into *sum; false if it is none. */
static bool add_term(const char **p, uint64_t *sum)
{
	uint64_t whole = 0, fraction = 0, scale = 1;
	bool digits = false;

	for (; **p >= '0' && **p <= '9'; (*p)++, digits = true)
		if (__builtin_mul_overflow(whole, 10, &whole) || __builtin_add_overflow(whole, **p - '0', &whole))
			return false;
	if (**p == '.')
		for ((*p)++; **p >= '0' && **p <= '9'; (*p)++, digits = true)
			if (scale < UINT64_C(1000000000000000)) {
				fraction = fraction * 10 + (uint64_t)(**p - '0');
				scale *= 10;
			}
	if (!digits)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		uint64_t ns;

		if (!startswith(*p, units[i].name))
			continue;
		*p += strlen(units[i].name);
		if (__builtin_mul_overflow(whole, (uint64_t)units[i].ns, &ns))
			return false;
		ns += (uint64_t)((long double)fraction * units[i].ns / scale);
		return !__builtin_add_overflow(*sum, ns, sum) && *sum <= INT64_MAX;
	}
	return false;
}

int parse_duration(const char *s, int64_t *ret_ns)
{
	bool negative = *s == '-';
	uint64_t sum = 0;

	if (*s == '-' || *s == '+')
		s++;
	if (streq(s, "0")) {
		*ret_ns = 0;
		return 0;
	}
	if (!*s)
		return -EINVAL;
	while (*s)
		if (!add_term(&s, &sum))
			return -EINVAL;
	*ret_ns = negative ? -(int64_t)sum : (int64_t)sum;
	return 0;
}

/* "1.5" of n thousandths-of-thousandths: the fraction without its last zeros */
static void put_fraction(struct buf *b, uint64_t value, uint64_t unit, const char *name)
{
	uint64_t rest = value % unit;

	buf_printf(b, "%llu", (unsigned long long)(value / unit));
	if (rest) {
		buf_puts(b, ".");
		for (uint64_t u = unit / 10; rest; u /= 10) {
			buf_printf(b, "%d", (int)(rest / u));
			rest %= u;
		}
	}
	buf_puts(b, name);
}

void format_duration(int64_t ns, char out[32])
{
	uint64_t v = ns < 0 ? -(uint64_t)ns : (uint64_t)ns, seconds = v / 1000000000;
	struct buf b = { 0 };

	if (ns < 0)
		buf_puts(&b, "-");
	if (!v)
		buf_puts(&b, "0s");
	else if (v < 1000)
		put_fraction(&b, v, 1, "ns");
	else if (v < 1000000)
		put_fraction(&b, v, 1000, "\302\265s");
	else if (v < 1000000000)
		put_fraction(&b, v, 1000000, "ms");
	else {
		if (seconds >= 3600)
			buf_printf(&b, "%lluh", (unsigned long long)(seconds / 3600));
		if (seconds >= 60)
			buf_printf(&b, "%llum", (unsigned long long)(seconds / 60 % 60));
		put_fraction(&b, v % UINT64_C(60000000000), 1000000000, "s");
	}
	snprintf(out, 32, "%s", b.data);
	buf_free(&b);
}
