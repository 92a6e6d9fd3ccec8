/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_fake_etcd.h - etcd.h in memory, for what a real etcd cannot be made to
 *                    do at a chosen moment: answers that are lost, history that
 *                    is gone
 *
 * Include it in one file only: it defines the functions of etcd.h.
 */
#ifndef KEELSON_TEST_FAKE_ETCD_H
#define KEELSON_TEST_FAKE_ETCD_H

#include <errno.h>
#include "base/loop.h"
#include "store/etcd.h"

struct fake_kv {
	char *key, *value;
	size_t len;
	int64_t create, mod;
};

struct etcd_watch {
	etcd_watch_cb cb;
	void *data;
};

static struct {
	sd_event *loop;
	struct fake_kv kvs[64];
	size_t n;
	int64_t revision;
	void (*before_write)(const char *key);	/* called just before a transaction is decided */
	const char *lose;	/* writes of keys with this prefix happen, and nobody hears of it */
	unsigned lost;
	struct etcd_watch *watch;	/* the newest */
	size_t max_reply;	/* longer ranges are not answered, as if a message had no room; 0: any */
	int64_t compacted;	/* revisions up to here cannot be read */
	unsigned ranges;
} fake;

struct fake_call {
	struct loop_timer timer;
	char *key, *end, *value;
	size_t len;
	int64_t mod;
	struct etcd_range_opts opts;
	bool txn;
	char *guard;
	int64_t guard_mod;
	etcd_cb cb;
	void *data;
};

static inline struct fake_kv *fake_find(const char *key)
{
	for (size_t i = 0; i < fake.n; i++)
		if (streq(fake.kvs[i].key, key))
			return &fake.kvs[i];
	return NULL;
}

static inline void fake_put_bytes(const char *key, const char *value, size_t len)
{
	struct fake_kv *kv = fake_find(key);

	fake.revision++;
	if (!kv) {
		if (fake.n == ARRAY_SIZE(fake.kvs))
			abort();
		kv = &fake.kvs[fake.n++];
		*kv = (struct fake_kv){ .key = xstrdup(key), .create = fake.revision };
	}
	free(kv->value);
	kv->value = xmalloc(len + 1);
	memcpy(kv->value, value, len);
	kv->value[len] = '\0';
	kv->len = len;
	kv->mod = fake.revision;
}

static inline void fake_put(const char *key, const char *value)
{
	fake_put_bytes(key, value, strlen(value));
}

static inline void fake_del(const char *key)
{
	struct fake_kv *kv = fake_find(key);

	if (!kv)
		return;
	fake.revision++;
	free(kv->key);
	free(kv->value);
	*kv = fake.kvs[--fake.n];
}

static inline void fake_free(void)
{
	while (fake.n)
		fake_del(fake.kvs[0].key);
}

static inline struct etcd_kv fake_etcd_kv(const struct fake_kv *kv)
{
	return (struct etcd_kv){ .key = kv->key, .value = kv->value, .value_len = kv->len,
				 .create_revision = kv->create, .mod_revision = kv->mod };
}

static inline int fake_by_key(const void *a, const void *b)
{
	return strcmp(((const struct etcd_kv *)a)->key, ((const struct etcd_kv *)b)->key);
}

static inline void fake_range(const struct fake_call *c, struct etcd_kv *kvs, struct etcd_result *res)
{
	size_t max = c->opts.max_bytes && (!fake.max_reply || c->opts.max_bytes < fake.max_reply) ? c->opts.max_bytes : fake.max_reply;
	size_t bytes = 0;

	for (size_t i = 0; i < fake.n; i++)
		if (c->end ? strcmp(fake.kvs[i].key, c->key) >= 0 && strcmp(fake.kvs[i].key, c->end) < 0
			   : streq(fake.kvs[i].key, c->key))
			kvs[res->n_kvs++] = fake_etcd_kv(&fake.kvs[i]);
	qsort(kvs, res->n_kvs, sizeof(*kvs), fake_by_key);
	res->count = (int64_t)res->n_kvs;
	if (c->opts.limit && res->count > c->opts.limit) {
		res->n_kvs = (size_t)c->opts.limit;
		res->more = true;
	}
	for (size_t i = 0; i < res->n_kvs; i++)
		bytes += kvs[i].value_len;
	if (c->opts.revision && c->opts.revision <= fake.compacted)
		*res = (struct etcd_result){ .err = -EKEYEXPIRED, .msg = "compacted" };
	else if (c->opts.revision > fake.revision)
		*res = (struct etcd_result){ .err = -ERANGE, .msg = "future" };
	else if (max && bytes > max)
		*res = (struct etcd_result){ .err = -EMSGSIZE, .msg = "too long" };
}

static inline void fake_answer(void *data)
{
	struct fake_call *c = data;
	struct fake_kv *kv;
	struct etcd_kv kvs[ARRAY_SIZE(fake.kvs)];
	struct etcd_result res = { .kvs = kvs };
	const struct fake_kv *guard;

	if (c->txn && fake.before_write)
		fake.before_write(c->key);
	kv = fake_find(c->key);
	guard = c->guard ? fake_find(c->guard) : NULL;
	if (c->txn && (kv ? kv->mod : 0) == c->mod && (!c->guard || (guard ? guard->mod : 0) == c->guard_mod)) {
		res.succeeded = true;
		if (c->value)
			fake_put_bytes(c->key, c->value, c->len);
		else
			fake_del(c->key);
		if (fake.lose && startswith(c->key, fake.lose)) {
			fake.lost++;
			res = (struct etcd_result){ .err = -EAGAIN, .msg = "no answer" };
		}
	} else {
		fake_range(c, kvs, &res);
	}
	res.revision = fake.revision;
	c->cb(c->data, &res);
	loop_timer_stop(&c->timer);
	free(c->key);
	free(c->end);
	free(c->value);
	free(c->guard);
	free(c);
}

static inline struct fake_call *fake_call(const char *key, const char *end, bool txn, int64_t mod, const char *value,
					   size_t len, etcd_cb cb, void *data)
{
	struct fake_call *c = xnew0(struct fake_call);

	c->key = xstrdup(key);
	c->end = end ? xstrdup(end) : NULL;
	c->txn = txn;
	c->mod = mod;
	if (value) {
		c->value = xmalloc(len + 1);
		memcpy(c->value, value, len);
		c->len = len;
	}
	c->cb = cb;
	c->data = data;
	loop_timer_init(&c->timer, fake.loop, fake_answer, c);
	loop_timer_start(&c->timer, 0);
	return c;
}

/* --- etcd.h ---------------------------------------------------------------------- */

void etcd_range(struct etcd *e, const char *key, const char *range_end, const struct etcd_range_opts *opts, etcd_cb cb,
		void *data)
{
	struct fake_call *c = fake_call(key, range_end, false, 0, NULL, 0, cb, data);

	fake.ranges++;
	if (opts)
		c->opts = *opts;
}

void etcd_txn_put(struct etcd *e, const char *key, int64_t mod_revision, const char *value, size_t value_len,
		  int64_t lease, etcd_cb cb, void *data)
{
	fake_call(key, NULL, true, mod_revision, value, value_len, cb, data);
}

void etcd_txn_put_guarded(struct etcd *e, const char *key, int64_t mod_revision, const char *value, size_t value_len,
			  int64_t lease, const struct etcd_guard *guard, etcd_cb cb, void *data)
{
	struct fake_call *c = fake_call(key, NULL, true, mod_revision, value, value_len, cb, data);

	if (guard) {
		c->guard = xstrdup(guard->key);
		c->guard_mod = guard->mod_revision;
	}
}

char *etcd_prefix_end(const char *prefix)
{
	char *end = xstrdup(prefix);

	end[strlen(end) - 1]++;
	return end;
}

void etcd_lease_grant(struct etcd *e, int64_t ttl, etcd_cb cb, void *data)
{
	abort();
}

void etcd_compact(struct etcd *e, int64_t revision, etcd_cb cb, void *data)
{
}

struct etcd_watch *etcd_watch(struct etcd *e, const char *key, const char *range_end, int64_t start_revision,
			      bool prev, etcd_watch_cb cb, void *data)
{
	struct etcd_watch *w = xnew0(struct etcd_watch);

	w->cb = cb;
	w->data = data;
	fake.watch = w;
	return w;
}

void etcd_watch_close(struct etcd_watch *w)
{
	if (fake.watch == w)
		fake.watch = NULL;
	free(w);
}

#endif
