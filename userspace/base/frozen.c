// SPDX-License-Identifier: GPL-2.0-or-later
/* frozen.c - see frozen.h */
#include "base/frozen.h"

#include <utlist.h>

struct form {
	struct form *next;
	unsigned id;
	struct bytes *bytes;
};

struct frozen {
	unsigned refs;
	bool old;			/* has seen a sweep since it got a form */
	size_t size;
	struct form *forms;
	struct frozen *prev, *next;	/* in formed, while there are forms */
	json nodes[];			/* the root first; then the strings */
};

/* What the root of a frozen tree has for its predecessor, and no other node. */
static json mark;

static struct {
	struct frozen *formed;
	size_t bytes;
} forms;

/* --- freezing -------------------------------------------------------------------------- */

struct measure {
	size_t nodes, text;
};

static void measure(const json *j, bool root, struct measure *m)
{
	m->nodes++;
	if (!root && j->string && !(j->type & cJSON_StringIsConst))
		m->text += strlen(j->string) + 1;
	if (j->valuestring && !cJSON_IsObject(j))
		m->text += strlen(j->valuestring) + 1;
	json_each(it, j)
		measure(it, false, m);
}

struct place {
	json *node;	/* the next free one */
	char *text;
};

static char *put_text(struct place *p, const char *s)
{
	size_t n = strlen(s) + 1;
	char *at = memcpy(p->text, s, n);

	p->text += n;
	return at;
}

static json *put_node(struct place *p, const json *from, bool root)
{
	json *to = p->node++, *last = NULL;
	bool shared = from->type & cJSON_StringIsConst;	/* a key that json.h keeps for ever */

	*to = (json){ .type = from->type & 0xff, .valueint = from->valueint, .valuedouble = from->valuedouble };
	if (!root && shared) {
		to->string = from->string;
		to->type |= cJSON_StringIsConst;
	} else if (!root && from->string) {
		to->string = put_text(p, from->string);
	}
	if (from->valuestring && !cJSON_IsObject(from))
		to->valuestring = put_text(p, from->valuestring);
	json_each(it, from) {
		json *child = put_node(p, it, false);

		child->prev = last;
		if (last)
			last->next = child;
		else
			to->child = child;
		last = child;
	}
	/* cJSON finds the last child there. */
	if (to->child)
		to->child->prev = last;
	return to;
}

static struct frozen *frozen_of(const json *tree)
{
	return container_of((json *)tree, struct frozen, nodes[0]);
}

const json *json_freeze(const json *tree)
{
	struct measure m = {0};
	struct frozen *f;
	struct place p;

	measure(tree, true, &m);
	f = xmalloc(sizeof(*f) + m.nodes * sizeof(json) + m.text);
	*f = (struct frozen){ .refs = 1, .size = sizeof(*f) + m.nodes * sizeof(json) + m.text };
	p = (struct place){ f->nodes, (char *)(f->nodes + m.nodes) };
	put_node(&p, tree, true)->prev = &mark;
	return f->nodes;
}

/* An item of json_append_frozen() has the tree where other nodes have a string. */
static const json *frozen_behind(const json *j)
{
	if (!cJSON_IsObject(j) || !(j->type & cJSON_IsReference) || !j->valuestring)
		return NULL;
	return (const json *)(void *)j->valuestring;
}

bool json_is_frozen(const json *tree)
{
	return tree && tree->prev == &mark;
}

bool json_is_shared(const json *tree)
{
	return json_is_frozen(tree) && frozen_of(tree)->refs > 1;
}

const json *json_keep(const json *tree)
{
	const json *behind = frozen_behind(tree);

	if (behind)
		tree = behind;
	if (!json_is_frozen(tree))
		return json_freeze(tree);
	frozen_of(tree)->refs++;
	return tree;
}

size_t json_frozen_size(const json *frozen)
{
	return frozen_of(frozen)->size;
}

void json_append_frozen(json *array, const json *frozen)
{
	json *it = cJSON_CreateObjectReference(frozen->child);

	if (!it)
		abort();
	/* A copy made by cJSON takes this for a string; the root begins with a NULL, so that it is an empty one. */
	it->valuestring = (char *)(void *)frozen;
	json_append(array, it);
}

/* --- forms -------------------------------------------------------------------------------- */

static void drop_forms(struct frozen *f)
{
	struct form *form, *tmp;

	if (!f->forms)
		return;
	DL_DELETE(forms.formed, f);
	LL_FOREACH_SAFE(f->forms, form, tmp) {
		forms.bytes -= form->bytes->len;
		bytes_unref(form->bytes);
		free(form);
	}
	f->forms = NULL;
}

void json_release(const json *frozen)
{
	struct frozen *f;

	if (!frozen)
		return;
	f = frozen_of(frozen);
	if (--f->refs)
		return;
	drop_forms(f);
	free(f);
}

struct bytes *json_form(const json *frozen, unsigned form)
{
	struct form *it;

	if (!json_is_frozen(frozen))
		return NULL;
	LL_SEARCH_SCALAR(frozen_of(frozen)->forms, it, id, form);
	return it ? it->bytes : NULL;
}

void json_put_form(const json *frozen, unsigned form, struct bytes *bytes)
{
	struct frozen *f;
	struct form *it;

	if (!json_is_frozen(frozen) || forms.bytes + bytes->len > FORMS_MAX)
		return;
	f = frozen_of(frozen);
	f->old = false;
	LL_SEARCH_SCALAR(f->forms, it, id, form);
	if (!it) {
		if (!f->forms)
			DL_APPEND(forms.formed, f);
		it = xnew0(struct form);
		it->id = form;
		LL_PREPEND(f->forms, it);
	} else {
		forms.bytes -= it->bytes->len;
		bytes_unref(it->bytes);
	}
	it->bytes = bytes_ref(bytes);
	forms.bytes += bytes->len;
}

bool json_forms_sweep(void)
{
	struct frozen *f, *tmp;

	DL_FOREACH_SAFE(forms.formed, f, tmp) {
		if (f->old)
			drop_forms(f);
		f->old = true;
	}
	return forms.formed;
}
