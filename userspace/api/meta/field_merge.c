// SPDX-License-Identifier: GPL-2.0-or-later
/* field_merge.c - merging a configuration into an object, and taking fields out of one, see field_object.h */
#include "api/meta/field_object.h"

#include "base/members.h"

static json *merge(struct field_shape shape, const json *live, const json *config);

static json *merge_members(struct field_shape shape, const json *live, const json *config)
{
	_cleanup_members_ struct members lives = members_of(live), configs = members_of(config);
	json *out = json_new_object();

	json_each(it, live) {
		struct field_step step = { STEP_FIELD, json_key(it) };

		cJSON_AddItemToObject(out, json_key(it), merge(field_shape_below(shape, step), it,
							       members_get(&configs, json_key(it))));
	}
	json_each(it, config)
		if (!members_get(&lives, json_key(it)))
			cJSON_AddItemToObject(out, json_key(it), json_clone(it));
	return out;
}

/* --- keyed lists -------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
	const struct field_item *const *x = a, *const *y = b;
	int order = strcmp((*x)->step.text, (*y)->step.text);

	return order ? order : (*x)->index < (*y)->index ? -1 : (*x)->index > (*y)->index;
}

/* One side of a merge: its items, and for each the first of the other side with its step, or -1. */
struct side {
	struct field_item *items;
	unsigned n;
	int *twin;
	bool *twice;	/* its step is there more than once */
};

static void side_free(struct side *s)
{
	field_items_free(s->items, s->n);
	free(s->twin);
	free(s->twice);
}

static const struct field_item **in_text_order(const struct side *s)
{
	const struct field_item **order = xcalloc(s->n + 1, sizeof(*order));

	for (unsigned i = 0; i < s->n; i++)
		order[i] = &s->items[i];
	qsort(order, s->n, sizeof(*order), by_text);
	return order;
}

static void find_twins(struct side *s, const struct side *other)
{
	_cleanup_free_ const struct field_item **mine = in_text_order(s), **theirs = in_text_order(other);
	unsigned j = 0;

	s->twin = xcalloc(s->n + 1, sizeof(*s->twin));
	s->twice = xcalloc(s->n + 1, sizeof(*s->twice));
	for (unsigned i = 0; i < s->n; i++) {
		int order = -1;

		while (j < other->n && (order = strcmp(theirs[j]->step.text, mine[i]->step.text)) < 0)
			j++;
		s->twin[mine[i]->index] = j < other->n && !order ? (int)theirs[j]->index : -1;
		if (i && streq(mine[i - 1]->step.text, mine[i]->step.text))
			s->twice[mine[i - 1]->index] = s->twice[mine[i]->index] = true;
	}
}

struct list_merge {
	struct field_shape shape;
	struct side live, config;
	unsigned l, c;	/* how far either is */
	json *out;
};

/* The next item of config that the live list has too; config.n: none. */
static unsigned next_shared(const struct list_merge *m)
{
	unsigned at = m->c;

	while (at < m->config.n && m->config.twin[at] < 0)
		at++;
	return at;
}

static void take_config(struct list_merge *m)
{
	const struct field_item *c = &m->config.items[m->c];
	int twin = m->config.twin[m->c++];
	/* Nobody knows which of several the configuration means: it replaces them. */
	const json *live = twin >= 0 && !m->live.twice[twin] ? m->live.items[twin].value : NULL;

	json_append(m->out, merge(field_shape_below(m->shape, c->step), live, c->value));
}

/* One step of the merge, while there is anything left. */
static void merge_next(struct list_merge *m)
{
	bool live = m->l < m->live.n, config = m->c < m->config.n;
	int twin = live ? m->live.twin[m->l] : -1;
	unsigned shared = next_shared(m);

	if (live && twin < 0) {
		json_append(m->out, json_clone(m->live.items[m->l++].value));
	} else if (live && config && twin == (int)m->c) {
		take_config(m);
		m->l++;
	} else if (live && config && shared < m->config.n && twin != (int)shared) {
		m->l++;		/* it has its place elsewhere */
	} else {
		if (live && twin < (int)m->c)
			m->l++;		/* had its place already */
		if (config)
			take_config(m);
	}
}

/*
 * The order is the configuration's for its elements; those that only the live
 * list has stay behind the ones they were behind, as far as that goes.
 */
static json *merge_elements(struct field_shape shape, const json *live, const json *config)
{
	struct list_merge m = { .shape = shape, .out = json_new_array() };

	m.live.items = field_items(shape, live, false, &m.live.n);
	m.config.items = field_items(shape, config, false, &m.config.n);
	find_twins(&m.live, &m.config);
	find_twins(&m.config, &m.live);
	while (m.l < m.live.n || m.c < m.config.n)
		merge_next(&m);
	side_free(&m.live);
	side_free(&m.config);
	return m.out;
}

/* --- values --------------------------------------------------------------------------- */

static bool has_children(const json *v)
{
	return v && (json_is_object(v) || json_is_array(v)) && v->child;
}

/* Both of a type that can be merged, one of them at least not empty; null stands for an empty one. */
static bool mergeable(struct field_shape shape, const json *live, const json *config)
{
	int type = (has_children(live) ? live : config)->type & 0xff;

	if (field_shape_is_whole(shape) || (!has_children(live) && !has_children(config)))
		return false;
	if (!cJSON_IsNull(live) && !cJSON_IsNull(config) && (live->type & 0xff) != (config->type & 0xff))
		return false;
	if (shape.type == F_LIST)
		return type == cJSON_Array;
	return type == cJSON_Object && (shape.type == F_OBJECT || shape.type == F_MAP);
}

/* Either may be NULL, not both. */
static json *merge(struct field_shape shape, const json *live, const json *config)
{
	if (!config || !live || !mergeable(shape, live, config))
		return json_clone(config ? config : live);
	if (shape.type == F_LIST)
		return merge_elements(shape, live, config);
	return merge_members(shape, live, config);
}

json *field_merge(const struct schema *s, const json *live, const json *config)
{
	return merge(field_shape_of(s), live, config);
}

/* --- taking out ------------------------------------------------------------------------- */

/* Takes out what the set has below v; true if nothing of v is left. */
static bool take_out(struct field_shape shape, json *v, const struct field_set *set)
{
	struct field_item *items = NULL;
	unsigned n = 0, i = 0;

	if (json_is_array(v) && field_shape_is_keyed(shape))
		items = field_items(shape, v, false, &n);
	else if (!json_is_object(v) || field_shape_is_whole(shape))
		return true;
	for (json *it = v->child, *next; it; it = next, i++) {
		struct field_step step = items ? items[i].step : (struct field_step){ STEP_FIELD, json_key(it) };
		const struct field_set *node = field_set_find(set, step);
		bool emptied;

		next = it->next;
		if (!node)
			continue;
		emptied = !node->member && take_out(field_shape_below(shape, step), it, node);
		/* an element that is emptied stays an element */
		if (node->member || (emptied && !items))
			cJSON_Delete(cJSON_DetachItemViaPointer(v, it));
	}
	field_items_free(items, n);
	return !v->child;
}

void field_take_out(const struct schema *s, json *obj, const struct field_set *set)
{
	take_out(field_shape_of(s), obj, set);
}
