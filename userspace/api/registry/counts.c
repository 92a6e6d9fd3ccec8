// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * counts.c - apiserver_storage_objects: how many objects of each kind are stored
 *
 * etcd counts them from its index of keys, one kind after another, every minute.
 */
#include "api/registry/internal.h"
#include "base/metrics.h"

#define SOON_US (5 * UINT64_C(1000000))	/* after the start, or when etcd did not answer */
#define EVERY_US (60 * UINT64_C(1000000))

static struct metric_family objects = {
	.name = "apiserver_storage_objects", .type = METRIC_GAUGE,
	.help = "Objects that are stored, as of the last minute; -1: etcd did not say.", .labels = { "resource" },
};

struct counts {
	struct registry *reg;	/* holds a reference */
	struct loop_timer timer;
	size_t kind;		/* the one that is asked for */
	bool busy;
	bool failed;		/* in this round */
};

static void ask_next(struct counts *c);

static void counts_free(struct counts *c)
{
	loop_timer_stop(&c->timer);
	registry_unref(c->reg);
	free(c);
}

static void counted(void *data, const struct etcd_result *res)
{
	struct counts *c = data;
	const struct resource *r = kind_stored_at(c->kind)->res;
	_cleanup_free_ char *name = NULL;

	c->busy = false;
	if (c->reg->freed) {
		counts_free(c);
		return;
	}
	name = *r->group ? xasprintf("%s.%s", r->plural, r->group) : xstrdup(r->plural);
	metric_set(metric_of(&objects, name), res->err ? -1 : (double)res->count);
	c->failed = c->failed || res->err;
	c->kind++;
	ask_next(c);
}

static void ask_next(struct counts *c)
{
	static const struct etcd_range_opts count = { .count_only = true };
	const struct kind *k = kind_stored_at(c->kind);
	_cleanup_free_ char *prefix = NULL, *end = NULL;

	if (!k) {
		loop_timer_start(&c->timer, c->failed ? SOON_US : EVERY_US);
		return;
	}
	prefix = registry_key(k->res, NULL, NULL);
	end = etcd_prefix_end(prefix);
	c->busy = true;
	etcd_range(c->reg->etcd, prefix, end, &count, counted, c);
}

static void on_timer(void *data)
{
	struct counts *c = data;

	c->kind = 0;
	c->failed = false;
	ask_next(c);
}

void counts_start(struct registry *reg)
{
	struct counts *c = xnew0(struct counts);

	c->reg = registry_ref(reg);
	reg->counts = c;
	loop_timer_init(&c->timer, reg->loop, on_timer, c);
	loop_timer_start(&c->timer, SOON_US);
}

void counts_stop(struct registry *reg)
{
	struct counts *c = reg->counts;

	reg->counts = NULL;
	if (!c->busy)
		counts_free(c);
}
