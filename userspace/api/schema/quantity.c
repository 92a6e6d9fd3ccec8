// SPDX-License-Identifier: GPL-2.0-or-later
/* quantity.c - see quantity.h */
#include "api/schema/quantity.h"

#include <errno.h>
#include <stdio.h>

#define NANO 1000000000
#define LIMIT ((quantity_t)INT64_MAX * NANO)
/* Significant digits read exactly; more than any amount in range has. */
#define MAX_MANTISSA ((quantity_t)1000000000000000000 * NANO)

static const char bad_format[] =
	"quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
static const char bad_suffix[] = "unable to parse quantity's suffix";
static const char bad_number[] = "unable to parse numeric part of quantity";

static const struct suffix {
	const char *text;
	int exp10, exp2;
} suffixes[] = {
	{ "", 0, 0 },
	{ "n", -9, 0 }, { "u", -6, 0 }, { "m", -3, 0 },
	{ "k", 3, 0 }, { "M", 6, 0 }, { "G", 9, 0 }, { "T", 12, 0 }, { "P", 15, 0 }, { "E", 18, 0 },
	{ "Ki", 0, 10 }, { "Mi", 0, 20 }, { "Gi", 0, 30 }, { "Ti", 0, 40 }, { "Pi", 0, 50 }, { "Ei", 0, 60 },
};

static int read_suffix(const char *s, struct suffix *ret, enum quantity_format *ret_format)
{
	int64_t exp;

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		if (!streq(suffixes[i].text, s))
			continue;
		*ret = suffixes[i];
		*ret_format = suffixes[i].exp2 ? QUANTITY_BINARY_SI : QUANTITY_DECIMAL_SI;
		return 0;
	}
	if (*s != 'e' && *s != 'E')
		return -EINVAL;
	s++;
	if (*s == '+' && s[1] >= '0' && s[1] <= '9')
		s++;
	/* Past these bounds an amount is 0 or over the limit whatever its digits. */
	if (parse_i64(s, -1000, 1000, &exp) < 0)
		return -EINVAL;
	*ret = (struct suffix){ "", exp, 0 };
	*ret_format = QUANTITY_DECIMAL_EXPONENT;
	return 0;
}

/* mantissa * 10^exp10 * 2^exp2 units in billionths, away from zero, up to LIMIT */
static quantity_t scale(quantity_t mantissa, int exp10, int exp2, bool inexact)
{
	int e = exp10 + 9;

	if (mantissa == 0)
		return inexact;
	for (; exp2 > 0; exp2--) {
		if (mantissa > LIMIT * 4) {
			inexact |= mantissa % 10 != 0;
			mantissa /= 10;
			e++;
		}
		mantissa *= 2;
	}
	for (; e > 0; e--) {
		if (mantissa > LIMIT)
			return LIMIT;
		mantissa *= 10;
	}
	for (; e < 0 && mantissa; e++) {
		inexact |= mantissa % 10 != 0;
		mantissa /= 10;
	}
	mantissa += inexact;
	return mantissa > LIMIT ? LIMIT : mantissa;
}

int quantity_parse(const char *s, quantity_t *ret, enum quantity_format *ret_format, const char **ret_msg)
{
	bool negative = *s == '-', inexact = false, point = false;
	enum quantity_format format;
	quantity_t mantissa = 0;
	struct suffix suffix;
	int exp10 = 0, digits = 0;
	const char *p = s;
	const char *why = NULL;

	if (*p == '-' || *p == '+')
		p++;
	for (; (*p >= '0' && *p <= '9') || (*p == '.' && !point); p++) {
		if (*p == '.') {
			point = true;
			continue;
		}
		digits++;
		if (mantissa >= MAX_MANTISSA) {
			inexact |= *p != '0';
			exp10 += !point;
			continue;
		}
		mantissa = mantissa * 10 + (*p - '0');
		exp10 -= point;
	}
	if (!*s || strspn(p, "eEinumkKMGTP0123456789+-") != strlen(p))
		why = bad_format;
	else if (!digits)
		why = p == s ? bad_format : bad_number;
	else if (read_suffix(p, &suffix, &format) < 0)
		why = bad_suffix;
	if (why) {
		if (ret_msg)
			*ret_msg = why;
		return -EINVAL;
	}
	mantissa = scale(mantissa, exp10 + suffix.exp10, suffix.exp2, inexact);
	*ret = negative ? -mantissa : mantissa;
	if (ret_format)
		*ret_format = format;
	return 0;
}

static bool read_json(const json *j, quantity_t *ret)
{
	char text[32];

	if (json_is_string(j))
		return quantity_parse(j->valuestring, ret, NULL, NULL) == 0;
	if (cJSON_IsRaw(j))
		return quantity_parse(j->valuestring, ret, NULL, NULL) == 0;
	if (!cJSON_IsNumber(j))
		return false;
	snprintf(text, sizeof(text), "%.15g", j->valuedouble);
	return quantity_parse(text, ret, NULL, NULL) == 0;
}

/* q in units of `unit` billionths, rounded away from zero */
static int64_t in_units(quantity_t q, int64_t unit)
{
	quantity_t v = q / unit;

	if (q % unit)
		v += q > 0 ? 1 : -1;
	return v > INT64_MAX ? INT64_MAX : v < INT64_MIN ? INT64_MIN : (int64_t)v;
}

int64_t quantity_milli(const json *j, int64_t dflt)
{
	quantity_t q;

	return read_json(j, &q) ? in_units(q, NANO / 1000) : dflt;
}

int64_t quantity_value(const json *j, int64_t dflt)
{
	quantity_t q;

	return read_json(j, &q) ? in_units(q, NANO) : dflt;
}

/* What is absent or no quantity is zero. */
static quantity_t exact(const json *j)
{
	quantity_t q = 0;

	return read_json(j, &q) ? q : 0;
}

int quantity_sign(const json *j)
{
	quantity_t q = exact(j);

	return (q > 0) - (q < 0);
}

int quantity_compare(const json *a, const json *b)
{
	quantity_t x = exact(a), y = exact(b);

	return (x > y) - (x < y);
}

bool quantity_is_whole(const json *j)
{
	return exact(j) % NANO == 0;
}

static char *with_suffix(bool negative, quantity_t v, const char *suffix)
{
	char digits[48], *p = digits + sizeof(digits);

	*--p = '\0';
	do {
		*--p = '0' + (int)(v % 10);
		v /= 10;
	} while (v);
	return xasprintf("%s%s%s", negative ? "-" : "", p, suffix);
}

char *quantity_format(quantity_t q, enum quantity_format format)
{
	static const char *const binary[] = { "", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei" };
	static const char *const si[] = { "n", "u", "m", "", "k", "M", "G", "T", "P", "E" };
	static const char *const exponent[] = { "e-9", "e-6", "e-3", "", "e3", "e6", "e9", "e12", "e15", "e18" };
	bool negative = q < 0;
	size_t i = 0;

	if (negative)
		q = -q;
	if (q == 0)
		return xstrdup("0");
	if (format == QUANTITY_BINARY_SI && q % NANO == 0 && q / NANO >= 1024) {
		for (q /= NANO; q % 1024 == 0 && i + 1 < ARRAY_SIZE(binary); i++)
			q /= 1024;
		return with_suffix(negative, q, binary[i]);
	}
	for (; q % 1000 == 0 && i + 1 < ARRAY_SIZE(si); i++)
		q /= 1000;
	return with_suffix(negative, q, format == QUANTITY_DECIMAL_EXPONENT ? exponent[i] : si[i]);
}

char *quantity_from_milli(int64_t milli)
{
	return quantity_format((quantity_t)milli * (NANO / 1000), QUANTITY_DECIMAL_SI);
}
