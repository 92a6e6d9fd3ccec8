/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_kinds.h - the kind that an input's first two bytes choose */
#ifndef KEELSON_FUZZ_KINDS_H
#define KEELSON_FUZZ_KINDS_H

#include "api/kinds/kinds.h"
#include "fuzz.h"

/* "apps/v1/deployments" */
static inline const struct kind *chosen_kind(const uint8_t *bytes)
{
	static struct choice choices[256];
	static size_t n;

	for (; kind_at(n); n++) {
		const struct resource *r = kind_at(n)->res;
		_cleanup_free_ char *name = xasprintf("%s/%s/%s", r->group, r->version, r->plural);

		must(n < ARRAY_SIZE(choices));
		choices[n] = (struct choice){ kind_at(n), name_hash(name) };
	}
	return choose(choices, n, bytes);
}

#endif
