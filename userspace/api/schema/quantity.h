/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * quantity.h - Kubernetes' amounts: "100m", "64Mi", "1.5", "2e3"
 *
 * Amounts are kept to the billionth, as Kubernetes does; a finer one is
 * rounded up (away from zero).
 */
#ifndef KEELSON_API_QUANTITY_H
#define KEELSON_API_QUANTITY_H

#include "base/json.h"

typedef __int128 quantity_t;	/* billionths */

enum quantity_format {
	QUANTITY_DECIMAL_SI,	/* m, k, M, ... */
	QUANTITY_BINARY_SI,	/* Ki, Mi, ... */
	QUANTITY_DECIMAL_EXPONENT, /* e3 */
};

/* -EINVAL with *ret_msg (static, may be NULL) in Kubernetes' words; beyond +-2^63 units the amount saturates. */
int quantity_parse(const char *s, quantity_t *ret, enum quantity_format *ret_format, const char **ret_msg);
/* Rounded up, saturating: thousandths (CPU), and whole units (bytes, pods). dflt where j is absent or no quantity. */
int64_t quantity_milli(const json *j, int64_t dflt);
int64_t quantity_value(const json *j, int64_t dflt);
/* -1, 0, 1: below, at, above zero; what is absent or no quantity is zero. */
int quantity_sign(const json *j);
/* The same of a - b. */
int quantity_compare(const json *a, const json *b);
/* Does it have no fraction? */
bool quantity_is_whole(const json *j);
/* The canonical text of one ("1000m" is "1", "0.5" is "500m", "1024Ki" is "1Mi"); caller frees. */
char *quantity_format(quantity_t q, enum quantity_format format);
/* Thousandths as canonical text; caller frees. */
char *quantity_from_milli(int64_t milli);

#endif
