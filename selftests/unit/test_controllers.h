/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_controllers.h - objects and questions that the tests of the controllers share */
#ifndef KEELSON_TEST_CONTROLLERS_H
#define KEELSON_TEST_CONTROLLERS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/kinds/kinds.h"
#include "controllers/actions.h"

#define NOW 1700000000000000ULL		/* 2023-11-14T22:13:20Z */
#define SECOND 1000000ULL

/* A growing set of objects, freed together. */
struct objects {
	const json **list;
	size_t n;
};

static inline json *objects_add(struct objects *o, json *obj)
{
	o->list = xrealloc(o->list, (o->n + 1) * sizeof(*o->list));
	o->list[o->n++] = obj;
	return obj;
}

static inline void objects_clear(struct objects *o)
{
	for (size_t i = 0; i < o->n; i++)
		cJSON_Delete((json *)o->list[i]);
	free(o->list);
	*o = (struct objects){ 0 };
}
#define _cleanup_objects_ _cleanup_(objects_clear)

/* Actions of that type on that kind; stage -1: any. */
static inline size_t actions_count(const struct actions *a, enum action_type type, const struct resource *r,
				   int stage)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++)
		if (a->list[i].type == type && a->list[i].res == r && (stage < 0 || a->list[i].stage == stage))
			n++;
	return n;
}

/* The i-th of them; fails the test when there is none. */
static inline const struct action *actions_nth(const struct actions *a, enum action_type type,
					       const struct resource *r, size_t i)
{
	for (size_t k = 0; k < a->n; k++)
		if (a->list[k].type == type && a->list[k].res == r && i-- == 0)
			return &a->list[k];
	fail_msg("no such action on %s", r->plural);
	return NULL;
}

/* The patch of r's object's status, or NULL. */
static inline const json *status_patch(const struct actions *a, const struct resource *r)
{
	const json *last = NULL;

	for (size_t k = 0; k < a->n; k++)
		if (a->list[k].type == ACTION_PATCH && a->list[k].res == r && streq(a->list[k].subresource, "status"))
			last = json_get(a->list[k].body, "status");
	return last;
}

static inline const char *time_text(uint64_t us)
{
	static char text[4][32];
	static unsigned i;

	i = (i + 1) % 4;
	format_time(us, text[i]);
	return text[i];
}

#endif
