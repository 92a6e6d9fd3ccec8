// SPDX-License-Identifier: GPL-2.0-or-later
/* waiting.c - see waiting.h */
#include "scheduler/waiting.h"

#include <uthash.h>
#include <utlist.h>

#include "api/meta/view_pod.h"
#include "scheduler/cluster.h"

struct class {
	char *text, *message;
	struct waiter *pods;	/* in the order they came */
	bool called;		/* message does not hold */
	size_t number;		/* in waiting.classes */
	UT_hash_handle hh;
};

struct waiter {
	char *key;
	struct class *class;
	struct waiter *prev, *next;
	UT_hash_handle hh;
};

struct waiting {
	struct waiter *pods;
	struct class *by_text;
	struct class **classes;
	size_t n, cap;
};

struct waiting *waiting_new(void)
{
	return xnew0(struct waiting);
}

void waiting_free(struct waiting *w)
{
	struct waiter *p, *tmp;

	if (!w)
		return;
	HASH_ITER(hh, w->pods, p, tmp)
		free(waiting_drop(w, p->key, false));
	free(w->classes);
	free(w);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct amount *)a)->name, ((const struct amount *)b)->name);
}

char *waiting_class_of(const json *pod)
{
	static const char *const members[] = { "nodeSelector", "affinity", "tolerations", "topologySpreadConstraints" };
	struct amounts amounts;
	struct host_ports ports;
	struct buf b = { 0 };

	amounts_of_pod(pod, &amounts);
	if (amounts.n)
		qsort(amounts.list, amounts.n, sizeof(*amounts.list), by_name);
	for (size_t i = 0; i < amounts.n; i++)
		buf_printf(&b, "%s=%lld ", amounts.list[i].name, (long long)amounts.list[i].value);
	amounts_clear(&amounts);
	host_ports_of_pod(pod, &ports);
	for (size_t i = 0; i < ports.n; i++)
		buf_printf(&b, "%s:%s:%lld ", ports.list[i].protocol, ports.list[i].ip, (long long)ports.list[i].port);
	host_ports_clear(&ports);
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		const json *m = json_get(pod, "spec", members[i]);
		_cleanup_free_ char *text = json_len(m) ? json_print(m) : NULL;

		if (text)
			buf_printf(&b, "%s%s", members[i], text);
	}
	return buf_steal(&b);
}

static struct class *class_find(const struct waiting *w, const char *text)
{
	struct class *c;

	HASH_FIND_STR(w->by_text, text, c);
	return c;
}

static struct class *class_of(struct waiting *w, const char *text)
{
	struct class *c = class_find(w, text);

	if (c)
		return c;
	c = xnew0(struct class);
	c->text = xstrdup(text);
	HASH_ADD_KEYPTR(hh, w->by_text, c->text, strlen(c->text), c);
	if (w->n == w->cap) {
		w->cap = w->cap ? w->cap * 2 : 16;
		w->classes = xrealloc(w->classes, w->cap * sizeof(*w->classes));
	}
	c->number = w->n;
	w->classes[w->n++] = c;
	return c;
}

static void class_free(struct waiting *w, struct class *c)
{
	w->classes[c->number] = w->classes[--w->n];
	w->classes[c->number]->number = c->number;
	HASH_DEL(w->by_text, c);
	free(c->text);
	free(c->message);
	free(c);
}

size_t waiting_count(const struct waiting *w)
{
	return HASH_COUNT(w->pods);
}

static struct waiter *waiter_find(const struct waiting *w, const char *key)
{
	struct waiter *p;

	HASH_FIND_STR(w->pods, key, p);
	return p;
}

bool waiting_put(struct waiting *w, const char *key, const char *text, const char *message)
{
	struct waiter *p = waiter_find(w, key);
	struct class *c;

	if (p && !streq(p->class->text, text)) {
		free(waiting_drop(w, key, false));
		p = NULL;
	}
	c = class_of(w, text);
	if (!p) {
		p = xnew0(struct waiter);
		p->key = xstrdup(key);
		p->class = c;
		HASH_ADD_KEYPTR(hh, w->pods, p->key, strlen(p->key), p);
		DL_APPEND(c->pods, p);
	}
	c->called = false;
	if (!streq(c->message, message)) {
		free(c->message);
		c->message = xstrdup(message);
	}
	return c->pods == p;
}

char *waiting_drop(struct waiting *w, const char *key, bool placed)
{
	struct waiter *p = waiter_find(w, key);
	char *next = NULL;
	struct class *c;

	if (!p)
		return NULL;
	c = p->class;
	c->called |= placed;
	DL_DELETE(c->pods, p);
	HASH_DEL(w->pods, p);
	free(p->key);
	free(p);
	if (!c->pods)
		class_free(w, c);
	else if (c->called)
		next = xstrdup(c->pods->key);
	return next;
}

const char *waiting_verdict(const struct waiting *w, const char *text, const char *key)
{
	const struct class *c = class_find(w, text);

	return c && !c->called && !streq(c->pods->key, key) ? c->message : NULL;
}

size_t waiting_n_classes(const struct waiting *w)
{
	return w->n;
}

const char *waiting_first(const struct waiting *w, size_t i)
{
	return i < w->n ? w->classes[i]->pods->key : NULL;
}

void waiting_call(struct waiting *w, size_t i)
{
	if (i < w->n)
		w->classes[i]->called = true;
}
