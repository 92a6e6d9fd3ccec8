// SPDX-License-Identifier: GPL-2.0-or-later
/* patch.c - JSON merge patch (RFC 7396) and JSON patch (RFC 6902), see patch.h */
#include "api/meta/patch.h"

#include <errno.h>

/* As Kubernetes limits them. */
#define MAX_OPERATIONS 10000
/* What "copy" operations may add up to, in bytes of our own reckoning. */
#define MAX_COPIED (3 << 20)

static void merge_into(json *target, const json *patch)
{
	json_each(p, patch) {
		json *t = json_get(target, json_key(p));

		if (cJSON_IsNull(p)) {
			json_del(target, json_key(p));
		} else if (json_is_object(p)) {
			if (!json_is_object(t))
				t = json_set(target, json_key(p), json_new_object());
			merge_into(t, p);
		} else {
			json_set(target, json_key(p), json_clone(p));
		}
	}
}

int patch_merge(const json *cur, const json *patch, json **ret, char **msg)
{
	json *j;

	if (!json_is_object(patch)) {
		*msg = xstrdup("a merge patch must be a JSON object");
		return -EINVAL;
	}
	j = json_is_object(cur) ? json_clone(cur) : json_new_object();
	merge_into(j, patch);
	*ret = j;
	return 0;
}

/* --- JSON patch ------------------------------------------------------------- */

/* Unescapes the first token of a pointer ("/a~1b/c" gives "a/b" and "/c"); NULL if malformed. */
static char *pointer_token(const char **pointer)
{
	const char *p = *pointer;
	struct buf b = { 0 };

	if (*p++ != '/')
		return NULL;
	for (; *p && *p != '/'; p++) {
		char c = *p;

		if (c == '~') {
			if (*++p != '0' && *p != '1') {
				buf_free(&b);
				return NULL;
			}
			c = *p == '0' ? '~' : '/';
		}
		buf_add(&b, &c, 1);
	}
	*pointer = p;
	return buf_steal(&b);
}

/* An array index in canonical form (no sign, no leading zero), or -1. */
static int array_index(const char *token)
{
	int64_t v;

	if (*token < '0' || *token > '9' || (*token == '0' && token[1]) ||
	    parse_i64(token, 0, INT32_MAX, &v) < 0)
		return -1;
	return v;
}

/* The array's n-th value; NULL past the end. */
static json *array_at(json *array, int n)
{
	json *it = n < 0 ? NULL : array->child;

	while (it && n-- > 0)
		it = it->next;
	return it;
}

static json *child_at(json *parent, const char *token)
{
	if (json_is_object(parent))
		return json_get(parent, token);
	if (json_is_array(parent))
		return array_at(parent, array_index(token));
	return NULL;
}

/* Where a pointer leads: the value's parent and the last token; parent NULL is the document itself. */
struct place {
	json *parent;
	char *token;
};

static void place_free(struct place *p)
{
	free(p->token);
}
#define _cleanup_place_ _cleanup_(place_free)

static int find_place(json *doc, const char *pointer, struct place *ret)
{
	json *parent = doc;

	*ret = (struct place){ 0 };
	if (!*pointer)
		return 0;
	for (;;) {
		char *token = pointer_token(&pointer);

		if (!token)
			return -EINVAL;
		if (!*pointer) {
			*ret = (struct place){ parent, token };
			return 0;
		}
		parent = child_at(parent, token);
		free(token);
		if (!parent)
			return -ENOENT;
	}
}

static json *value_at(json *doc, const struct place *p)
{
	return p->parent ? child_at(p->parent, p->token) : doc;
}

/*
 * Puts value before old, which is the n-th. (cJSON_InsertItemInArray of Debian's
 * 1.7.15 refuses every place but the first.)
 */
static void insert_before(json *array, json *old, int n, json *value)
{
	int tail = json_len(array) - n;

	json_append(array, value);
	while (tail-- > 0) {
		json *next = old->next;

		json_append(array, cJSON_DetachItemViaPointer(array, old));
		old = next;
	}
}

/* The value belongs to the document afterwards, or is freed on -ENOENT. */
static int put(json **doc, const struct place *p, json *value, bool insert)
{
	json *old;

	if (!p->parent) {
		cJSON_Delete(*doc);
		*doc = value;
		return 0;
	}
	old = child_at(p->parent, p->token);
	if (json_is_object(p->parent) && (insert || old)) {
		json_set(p->parent, p->token, value);
		return 0;
	}
	if (json_is_array(p->parent)) {
		int n = array_index(p->token), len = json_len(p->parent);

		if (insert && (streq(p->token, "-") || n == len)) {
			json_append(p->parent, value);
			return 0;
		}
		if (old && insert) {
			insert_before(p->parent, old, n, value);
			return 0;
		}
		if (old) {
			cJSON_ReplaceItemViaPointer(p->parent, old, value);
			return 0;
		}
	}
	cJSON_Delete(value);
	return -ENOENT;
}

/* Rough weight in bytes, and the depth below. */
static size_t weigh(const json *j, int depth, int *ret_depth)
{
	size_t n = sizeof(*j) + (j->string ? strlen(j->string) : 0) +
		   (j->valuestring ? strlen(j->valuestring) : 0);

	if (depth > *ret_depth)
		*ret_depth = depth;
	json_each(it, j)
		n += weigh(it, depth + 1, ret_depth);
	return n;
}

/* Is `inner` below `outer`, as pointers? (Moving a value into itself.) */
static bool pointer_below(const char *inner, const char *outer)
{
	return startswith(inner, outer) && inner[strlen(outer)] == '/';
}

struct operation {
	const char *op, *path, *from;	/* borrowed from the patch */
	const json *value;
};

static int apply(json **doc, const struct operation *o, size_t *copied, const char **why)
{
	_cleanup_place_ struct place to = { 0 }, from = { 0 };
	json *old, *source;
	int depth = 0, r;

	r = find_place(*doc, o->path, &to);
	if (r < 0) {
		*why = r == -EINVAL ? "path is no JSON pointer" : "path does not exist";
		return r == -EINVAL ? r : -EBADMSG;
	}
	*why = "path does not exist";
	old = value_at(*doc, &to);
	if (streq(o->op, "test")) {
		*why = "testing the value failed";
		/* what is not there is null */
		return (old ? json_equal(old, o->value) : cJSON_IsNull(o->value)) ? 0 : -EBADMSG;
	}
	if (streq(o->op, "add") || streq(o->op, "replace"))
		return put(doc, &to, json_clone(o->value), *o->op == 'a') < 0 ? -EBADMSG : 0;
	if (streq(o->op, "remove")) {
		if (!old || !to.parent)
			return -EBADMSG;
		cJSON_Delete(cJSON_DetachItemViaPointer(to.parent, old));
		return 0;
	}

	r = find_place(*doc, o->from, &from);
	source = r < 0 ? NULL : value_at(*doc, &from);
	if (!source) {
		*why = r == -EINVAL ? "from is no JSON pointer" : "from does not exist";
		return r == -EINVAL ? r : -EBADMSG;
	}
	if (streq(o->op, "copy")) {
		*copied += weigh(source, 0, &depth);
		if (*copied > MAX_COPIED) {
			*why = "copies are too large";
			return -EBADMSG;
		}
		return put(doc, &to, json_clone(source), true) < 0 ? -EBADMSG : 0;
	}
	/* move */
	if (streq(o->path, o->from))
		return 0;
	if (!from.parent || pointer_below(o->path, o->from)) {
		*why = "a value cannot move into itself";
		return -EBADMSG;
	}
	source = cJSON_DetachItemViaPointer(from.parent, source);
	place_free(&to);
	/* Removing may have shifted the place, or taken it away. */
	if (find_place(*doc, o->path, &to) < 0) {
		cJSON_Delete(source);
		return -EBADMSG;
	}
	return put(doc, &to, source, true) < 0 ? -EBADMSG : 0;
}

static int read_operation(const json *j, struct operation *ret, const char **why)
{
	static const char *const known[] = { "add", "remove", "replace", "move", "copy", "test" };
	struct operation o = {
		.op = json_str(json_get(j, "op")),
		.path = json_str(json_get(j, "path")),
		.from = json_str(json_get(j, "from")),
		.value = json_get(j, "value"),
	};
	bool ok = false;

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		ok = ok || streq(o.op, known[i]);
	*why = !ok ? "op is none of add, remove, replace, move, copy, test" :
	       !o.path ? "path is missing" :
	       (streq(o.op, "move") || streq(o.op, "copy")) && !o.from ? "from is missing" :
	       (streq(o.op, "add") || streq(o.op, "replace") || streq(o.op, "test")) && !o.value ?
	       "value is missing" : NULL;
	if (*why)
		return -EINVAL;
	*ret = o;
	return 0;
}

int patch_json(const json *cur, const json *patch, json **ret, char **msg)
{
	_cleanup_json_ json *doc = json_clone(cur);
	size_t copied = 0, n = 0;
	int depth = 0;

	if (!json_is_array(patch)) {
		*msg = xstrdup("a JSON patch must be an array of operations");
		return -EINVAL;
	}
	if (json_len(patch) > MAX_OPERATIONS) {
		*msg = xasprintf("The allowed maximum operations in a JSON patch is %d, got %d",
				 MAX_OPERATIONS, json_len(patch));
		return -EINVAL;
	}
	json_each(j, patch) {
		struct operation o;
		const char *why;
		int r = read_operation(j, &o, &why);

		if (r == 0)
			r = apply(&doc, &o, &copied, &why);
		if (r < 0) {
			*msg = xasprintf("operation %zu of the JSON patch (%s %s) does not apply: %s", n,
					 json_str_or(json_get(j, "op"), "?"),
					 json_str_or(json_get(j, "path"), "?"), why);
			return r;
		}
		n++;
	}
	weigh(doc, 0, &depth);
	if (depth > JSON_MAX_DEPTH || !json_is_object(doc)) {
		*msg = xstrdup("the patched document is no object, or nested too deep");
		return -EBADMSG;
	}
	*ret = TAKE_PTR(doc);
	return 0;
}
