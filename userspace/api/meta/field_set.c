// SPDX-License-Identifier: GPL-2.0-or-later
/* field_set.c - see field_set.h */
#include "api/meta/field_set.h"

#include <errno.h>

#include "api/meta/field_object.h"
#include "base/members.h"

/* --- nodes ------------------------------------------------------------------------- */

static void free_items(struct field_set *s)
{
	for (unsigned i = 0; i < s->n; i++)
		field_set_free(&s->items[i]);
	free(s->items);
	s->items = NULL;
	s->n = s->cap = 0;
}

void field_set_free(struct field_set *s)
{
	free_items(s);
	if (s->owned)
		free((char *)s->text);
	*s = (struct field_set){0};
}

/* Where the step is among the items, or would be. */
static unsigned position(const struct field_set *s, struct field_step step, bool *ret_found)
{
	unsigned low = 0, high = s->n;

	*ret_found = false;
	/* most are put in in order */
	if (high && field_step_cmp(field_set_step(&s->items[high - 1]), step) < 0)
		return high;
	while (low < high) {
		unsigned mid = (low + high) / 2;
		int order = field_step_cmp(step, field_set_step(&s->items[mid]));

		if (!order) {
			*ret_found = true;
			return mid;
		}
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

/* Room for one more at the position, zeroed. */
static struct field_set *make_room(struct field_set *s, unsigned at)
{
	if (s->n == s->cap) {
		s->cap = s->cap ? s->cap * 2 : 4;
		s->items = xrealloc(s->items, s->cap * sizeof(*s->items));
	}
	memmove(&s->items[at + 1], &s->items[at], (s->n - at) * sizeof(*s->items));
	s->n++;
	s->items[at] = (struct field_set){0};
	return &s->items[at];
}

struct field_set *field_set_under(struct field_set *s, struct field_step step, bool lasting)
{
	struct field_set *node;
	bool found;
	unsigned at = position(s, step, &found);

	if (found)
		return &s->items[at];
	node = make_room(s, at);
	node->kind = step.kind;
	node->text = lasting ? step.text : xstrdup(step.text);
	node->owned = !lasting;
	return node;
}

const struct field_set *field_set_find(const struct field_set *s, struct field_step step)
{
	bool found;
	unsigned at = position(s, step, &found);

	return found ? &s->items[at] : NULL;
}

void field_set_insert_names(struct field_set *s, const char *path)
{
	while (*path) {
		size_t len = strcspn(path, ".");
		_cleanup_free_ char *name = xstrndup(path, len);

		s = field_set_under(s, (struct field_step){ STEP_FIELD, name }, false);
		path += len + (path[len] == '.');
	}
	s->member = true;
}

void field_set_drop_empty(struct field_set *s)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < s->n; i++) {
		struct field_set *it = &s->items[i];

		if (!it->member && !it->n)
			field_set_free(it);
		else if (kept++ != i)
			s->items[kept - 1] = *it;
	}
	s->n = kept;
}

/* --- operations ----------------------------------------------------------------------- */

static void clone_into(struct field_set *to, const struct field_set *from)
{
	*to = *from;
	to->cap = to->n;
	to->text = from->owned ? xstrdup(from->text) : from->text;
	to->items = from->n ? xcalloc(from->n, sizeof(*to->items)) : NULL;
	for (unsigned i = 0; i < from->n; i++)
		clone_into(&to->items[i], &from->items[i]);
}

struct field_set field_set_clone(const struct field_set *s)
{
	struct field_set copy;

	clone_into(&copy, s);
	return copy;
}

void field_set_add(struct field_set *s, const struct field_set *other)
{
	struct field_set *items;
	unsigned n = 0;

	if (!other->n)
		return;
	items = xcalloc(s->n + other->n, sizeof(*items));
	for (unsigned i = 0, j = 0; i < s->n || j < other->n;) {
		int order = i == s->n ? 1 : j == other->n ? -1 :
			    field_step_cmp(field_set_step(&s->items[i]), field_set_step(&other->items[j]));

		if (order <= 0)
			items[n] = s->items[i++];
		else
			clone_into(&items[n], &other->items[j]);
		if (!order) {
			items[n].member |= other->items[j].member;
			field_set_add(&items[n], &other->items[j]);
		}
		j += order >= 0;
		n++;
	}
	free(s->items);
	s->cap = s->n + other->n;
	s->items = items;
	s->n = n;
}

/*
 * Walks the items that both have; f changes one of s by its like in other. What
 * other has not is emptied if `only_common`.
 */
static void each_common(struct field_set *s, const struct field_set *other, bool only_common,
			void (*f)(struct field_set *mine, const struct field_set *theirs))
{
	bool emptied = false;

	for (unsigned i = 0, j = 0; i < s->n; i++) {
		struct field_set *mine = &s->items[i];
		int order = 1;

		while (j < other->n &&
		       (order = field_step_cmp(field_set_step(&other->items[j]), field_set_step(mine))) < 0)
			j++;
		if (j < other->n && !order) {
			f(mine, &other->items[j]);
		} else if (only_common) {
			mine->member = false;
			free_items(mine);
		}
		emptied |= !mine->member && !mine->n;
	}
	if (emptied)
		field_set_drop_empty(s);
}

static void remove_one(struct field_set *mine, const struct field_set *theirs)
{
	mine->member &= !theirs->member;
	field_set_remove(mine, theirs);
}

void field_set_remove(struct field_set *s, const struct field_set *other)
{
	if (s->n && other->n)
		each_common(s, other, false, remove_one);
}

static void remove_one_below(struct field_set *mine, const struct field_set *theirs)
{
	if (theirs->member) {
		mine->member = false;
		free_items(mine);
	} else {
		field_set_remove_below(mine, theirs);
	}
}

void field_set_remove_below(struct field_set *s, const struct field_set *other)
{
	if (s->n && other->n)
		each_common(s, other, false, remove_one_below);
}

static void keep_one(struct field_set *mine, const struct field_set *theirs)
{
	mine->member &= theirs->member;
	field_set_keep(mine, theirs);
}

void field_set_keep(struct field_set *s, const struct field_set *other)
{
	each_common(s, other, true, keep_one);
}

bool field_set_equal(const struct field_set *a, const struct field_set *b)
{
	if (a->n != b->n)
		return false;
	for (unsigned i = 0; i < a->n; i++)
		if (a->items[i].member != b->items[i].member ||
		    field_step_cmp(field_set_step(&a->items[i]), field_set_step(&b->items[i])) ||
		    !field_set_equal(&a->items[i], &b->items[i]))
			return false;
	return true;
}

bool field_set_meets(const struct field_set *a, const struct field_set *b)
{
	for (unsigned i = 0, j = 0; i < a->n && j < b->n;) {
		int order = field_step_cmp(field_set_step(&a->items[i]), field_set_step(&b->items[j]));

		if (!order && ((a->items[i].member && b->items[j].member) ||
			       field_set_meets(&a->items[i], &b->items[j])))
			return true;
		i += order <= 0;
		j += order >= 0;
	}
	return false;
}

struct walk {
	struct buf path;
	void (*cb)(void *data, const char *path);
	void *data;
};

static void set_length(struct buf *b, size_t len)
{
	b->len = len;
	b->data[len] = '\0';
}

/* The members among the items come before what is below any of them. */
static void walk(struct walk *w, const struct field_set *s)
{
	size_t len = w->path.len;

	for (unsigned i = 0; i < s->n; i++) {
		if (!s->items[i].member)
			continue;
		field_step_print(&w->path, field_set_step(&s->items[i]));
		w->cb(w->data, w->path.data);
		set_length(&w->path, len);
	}
	for (unsigned i = 0; i < s->n; i++) {
		if (!s->items[i].n)
			continue;
		field_step_print(&w->path, field_set_step(&s->items[i]));
		walk(w, &s->items[i]);
		set_length(&w->path, len);
	}
}

void field_set_each(const struct field_set *s, void (*cb)(void *data, const char *path), void *data)
{
	struct walk w = { .cb = cb, .data = data };

	walk(&w, s);
	buf_free(&w.path);
}

/* --- FieldsV1 ------------------------------------------------------------------------------ */

static int parse_node(struct field_shape shape, const json *obj, struct field_set *into, int depth);

/* The member is one step; false if it is of a kind that a later version made up. */
static int parse_member(struct field_shape shape, const json *it, struct field_set *into, int depth, bool *known)
{
	_cleanup_free_ char *text = NULL;
	const struct field *f = NULL;
	struct field_set *node;
	struct field_step step;
	int err = field_step_parse(json_key(it), &step, &text);

	if (err == -ENOENT)
		return 0;
	if (err || !json_is_object(it))
		return -EINVAL;
	*known = true;
	if (step.kind == STEP_FIELD && shape.type == F_OBJECT && (f = schema_field(shape.sub, step.text)))
		step.text = f->name;
	node = field_set_under(into, step, f);
	return parse_node(field_shape_below(shape, step), it, node, depth + 1);
}

static int parse_node(struct field_shape shape, const json *obj, struct field_set *into, int depth)
{
	_cleanup_free_ const json **members = NULL;
	bool below = false;
	unsigned n;
	int err = 0;

	if (depth > JSON_MAX_DEPTH)
		return -EINVAL;
	/* in order, so that most are put in at the end */
	members = members_sorted(obj, &n);
	for (unsigned i = 0; i < n; i++) {
		if (streq(json_key(members[i]), "."))
			into->member = true;
		else
			err = parse_member(shape, members[i], into, depth, &below);
		if (err)
			return err;
	}
	if (!below)
		into->member = true;
	/* Before this version of the API parts of it could be owned. */
	if (below && depth && field_shape_is_whole(shape)) {
		free_items(into);
		into->member = true;
	}
	return 0;
}

int field_set_parse(const struct schema *schema, const json *fields, struct field_set *ret)
{
	struct field_set s = {0};

	if (fields && (!json_is_object(fields) || parse_node(field_shape_of(schema), fields, &s, 0))) {
		field_set_free(&s);
		return -EINVAL;
	}
	s.member = false;
	*ret = s;
	return 0;
}

static json *to_json(const struct field_set *s)
{
	static const char letters[] = "fkvi";
	json *obj = json_new_object();
	struct buf key = {0};

	if (s->member && s->n)
		cJSON_AddItemToObject(obj, ".", json_new_object());
	for (unsigned i = 0; i < s->n; i++) {
		key.len = 0;
		buf_add(&key, &letters[s->items[i].kind], 1);
		buf_add(&key, ":", 1);
		buf_puts(&key, s->items[i].text);
		cJSON_AddItemToObject(obj, key.data, to_json(&s->items[i]));
	}
	buf_free(&key);
	return obj;
}

json *field_set_json(const struct field_set *s)
{
	return to_json(s);
}
