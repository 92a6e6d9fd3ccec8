// SPDX-License-Identifier: GPL-2.0-or-later
/* registry.c - see registry.h: the registry as a store, its operations, get */
#include "api/registry/registry.h"

#include <errno.h>

#include "api/registry/cache.h"
#include "api/registry/internal.h"
#include "api/registry/object.h"
#include "api/meta/status.h"
#include "base/frozen.h"

#define OWN_MANAGER "keelsond"	/* of what the server itself writes, in managedFields */

struct registry *registry_of(struct store *s)
{
	return container_of(s, struct registry, store);
}

struct registry *registry_ref(struct registry *reg)
{
	reg->refs++;
	return reg;
}

void registry_unref(struct registry *reg)
{
	if (--reg->refs)
		return;
	free(reg->page_hints);
	free(reg);
}

int64_t *registry_page_hint(struct registry *reg, const struct kind *k)
{
	size_t i = 0, n = 0;

	while (kind_at(n))
		n++;
	if (!reg->page_hints)
		reg->page_hints = xcalloc(n, sizeof(*reg->page_hints));
	while (kind_at(i) != k)
		i++;
	return &reg->page_hints[i];
}

char *registry_key(const struct resource *r, const char *ns, const char *name)
{
	if (ns)
		return xasprintf(REGISTRY_PREFIX "%s/%s/%s", r->etcd_dir, ns, name ? name : "");
	return xasprintf(REGISTRY_PREFIX "%s/%s", r->etcd_dir, name ? name : "");
}

/* --- operations ------------------------------------------------------------------ */

static void op_free(struct op *op)
{
	loop_timer_stop(&op->start);
	for (size_t i = 0; i < op->n_held; i++)
		free(op->held[i].key);
	free(op->held);
	free(op->held_key);
	admission_stop(op);
	free((char *)op->guard.key);
	json_freep(&op->body);
	json_freep(&op->managed);
	free((char *)op->write.manager);
	json_freep(&op->cur);
	json_freep(&op->next);
	json_freep(&op->status);
	free((char *)op->del.propagation);
	free((char *)op->del.uid);
	free(op->ns);
	free(op->name);
	free(op->sub);
	free(op->key);
	registry_unref(op->reg);
	free(op);
}

bool op_orphaned(struct op *op)
{
	if (!op->reg->freed)
		return false;
	op_free(op);
	return true;
}

static void op_start(void *data)
{
	struct op *op = data;

	if (op_orphaned(op))
		return;
	if (!op->k) {
		op_fail(op, status_no_resource());
		return;
	}
	op->begin(op);
}

struct op *op_new(struct registry *reg, const struct resource *r, const char *ns, const char *name,
		  const char *sub, void (*begin)(struct op *op), store_cb cb, void *data)
{
	struct op *op = xnew0(struct op);

	op->reg = registry_ref(reg);
	op->as = kind_of(r);
	op->k = op->as ? op->as->storage : NULL;
	op->ns = ns && r->namespaced ? xstrdup(ns) : NULL;
	op->name = name ? xstrdup(name) : NULL;
	op->sub = sub && *sub ? xstrdup(sub) : NULL;
	op->key = registry_key(r, op->ns, name);
	op->begin = begin;
	op->cb = cb;
	op->data = data;
	loop_timer_init(&op->start, reg->loop, op_start, op);
	loop_timer_start(&op->start, 0);
	return op;
}

void op_done(struct op *op, int code, const json *obj, int64_t rv)
{
	const struct store_result res = { .err = 0, .code = code, .obj = obj, .rv = rv };

	if (!op->reg->freed && op->cb)
		op->cb(op->data, &res);
	op_free(op);
}

void op_fail(struct op *op, json *status)
{
	const struct store_result res = {
		.err = status_errno(status), .code = status_code(status), .obj = status,
	};

	if (!op->reg->freed && op->cb)
		op->cb(op->data, &res);
	json_freep(&status);
	op_free(op);
}

json *etcd_status(const struct etcd_result *res)
{
	const char *msg = res->msg ? res->msg : "no answer";

	switch (res->err) {
	case -EKEYEXPIRED:
		return status_expired("The resourceVersion for the provided list is too old.");
	case -EAGAIN:
		return status_unavailable("etcd: %s", msg);
	default:
		return status_internal("etcd: %s", msg);
	}
}

void op_guard(struct op *op, const struct resource *r, const json *obj)
{
	free((char *)op->guard.key);
	op->guard.key = registry_key(r, NULL, json_str(json_get(obj, "metadata", "name")));
	parse_i64(json_str_or(json_get(obj, "metadata", "resourceVersion"), "0"), 0, INT64_MAX, &op->guard.mod_revision);
}

#define FRESH_US 3000000	/* how long a revision that is not there yet is waited for ... */
#define FRESH_AGAIN_US 100000	/* ... and how often it is looked for */

bool op_too_old(struct op *op, int64_t revision)
{
	uint64_t now = now_monotonic_us();

	if (revision >= op->min_rv)
		return false;
	if (!op->give_up)
		op->give_up = now + FRESH_US;
	if (now >= op->give_up)
		op_fail(op, status_too_large_rv(op->min_rv, revision));
	else
		loop_timer_start(&op->start, FRESH_AGAIN_US);
	return true;
}

json *op_take_current(struct op *op, const struct etcd_kv *kv)
{
	_cleanup_free_ char *why = NULL;

	json_freep(&op->cur);
	if (object_decode(kv->key, kv->value, kv->value_len, kv->mod_revision, &op->cur, &why))
		return status_internal("%s", why);
	op->cur_rv = kv->mod_revision;
	return NULL;
}

/* --- get ------------------------------------------------------------------------- */

/* etcd says that it is what the cache has: nothing needs to be decoded. */
static const json *current(struct op *op, const struct etcd_kv *kv)
{
	struct cache *c = cache_ready(op->reg, op->k);

	return c ? cache_at(c, kv->key, kv->mod_revision) : NULL;
}

static void get_answer(void *data, const struct etcd_result *res)
{
	struct op *op = data;
	const json *have = NULL;
	json *s = NULL;

	if (op_orphaned(op) || (!res->err && op_too_old(op, res->revision)))
		return;
	if (!res->err && res->n_kvs)
		have = current(op, &res->kvs[0]);
	if (res->err)
		s = etcd_status(res);
	else if (!res->n_kvs)
		s = status_not_found(op->k->res, op->name);
	else if (!have)
		s = op_take_current(op, &res->kvs[0]);
	if (s) {
		op_fail(op, s);
		return;
	}
	if (streq(op->sub, "scale")) {
		op->next = object_scale(have ? have : op->cur);
		op_done(op, 200, op->next, res->revision);
		return;
	}
	op_done(op, 200, have ? have : op->cur, res->revision);
}

static void get_begin(struct op *op)
{
	etcd_range(op->reg->etcd, op->key, NULL, NULL, get_answer, op);
}

static void op_get(struct store *s, const struct resource *r, const char *ns, const char *name, store_cb cb,
		   void *data)
{
	op_new(registry_of(s), r, ns, name, NULL, kind_is_virtual(kind_of(r)) ? virtual_get : get_begin, cb, data);
}

void registry_get(struct store *s, const struct resource *r, const char *ns, const char *name, int64_t min_rv,
		  store_cb cb, void *data)
{
	op_new(registry_of(s), r, ns, name, NULL, kind_is_virtual(kind_of(r)) ? virtual_get : get_begin, cb, data)->min_rv = min_rv;
}

void registry_get_scale(struct store *s, const struct resource *r, const char *ns, const char *name, store_cb cb,
			void *data)
{
	op_new(registry_of(s), r, ns, name, "scale", get_begin, cb, data);
}

/* --- writes ----------------------------------------------------------------------- */

static void set_write_opts(struct op *op, const json *body, const struct registry_write_opts *o)
{
	op->body = json_clone(body);
	if (o)
		op->write = *o;
	op->write.manager = xstrdup(op->write.manager ? op->write.manager : OWN_MANAGER);
}

void registry_create(struct store *s, const struct resource *r, const char *ns, const char *name,
		     const char *subresource, const json *obj, const struct registry_write_opts *o,
		     store_cb cb, void *data)
{
	/* Creating a subresource changes its object. */
	struct op *op = op_new(registry_of(s), r, ns, name, subresource,
			       subresource && *subresource ? write_begin_update : write_begin_create, cb, data);

	set_write_opts(op, obj, o);
}

void registry_update(struct store *s, const struct resource *r, const char *ns, const char *name,
		     const char *subresource, const json *obj, const struct registry_write_opts *o,
		     store_cb cb, void *data)
{
	set_write_opts(op_new(registry_of(s), r, ns, name, subresource, write_begin_update, cb, data), obj, o);
}

void registry_patch(struct store *s, const struct resource *r, const char *ns, const char *name,
		    const char *subresource, enum store_patch_type type, const json *patch,
		    const struct registry_write_opts *o, store_cb cb, void *data)
{
	struct op *op = op_new(registry_of(s), r, ns, name, subresource, write_begin_update, cb, data);

	set_write_opts(op, patch, o);
	op->is_patch = true;
	op->patch_type = type;
}

void registry_delete(struct store *s, const struct resource *r, const char *ns, const char *name,
		     const struct store_delete_opts *opts, const struct registry_write_opts *o, store_cb cb,
		     void *data)
{
	struct op *op = op_new(registry_of(s), r, ns, name, NULL, delete_begin, cb, data);

	set_write_opts(op, NULL, o);
	op->del.grace_period = -1;
	if (opts) {
		op->del = *opts;
		op->del.propagation = opts->propagation ? xstrdup(opts->propagation) : NULL;
		op->del.uid = opts->uid ? xstrdup(opts->uid) : NULL;
	}
}

static void op_create(struct store *s, const struct resource *r, const char *ns, const char *name,
		      const char *subresource, const json *obj, store_cb cb, void *data)
{
	registry_create(s, r, ns, name, subresource, obj, NULL, cb, data);
}

static void op_update(struct store *s, const struct resource *r, const char *ns, const char *name,
		      const char *subresource, const json *obj, store_cb cb, void *data)
{
	registry_update(s, r, ns, name, subresource, obj, NULL, cb, data);
}

static void op_patch(struct store *s, const struct resource *r, const char *ns, const char *name,
		     const char *subresource, enum store_patch_type type, const json *patch, store_cb cb, void *data)
{
	registry_patch(s, r, ns, name, subresource, type, patch, NULL, cb, data);
}

static void op_delete(struct store *s, const struct resource *r, const char *ns, const char *name,
		      const struct store_delete_opts *opts, store_cb cb, void *data)
{
	registry_delete(s, r, ns, name, opts, NULL, cb, data);
}

static void op_list(struct store *s, const struct resource *r, const char *ns, const struct store_selector *sel,
		    store_cb cb, void *data)
{
	struct registry_list_opts o = {0};

	if (sel) {
		o.sel = *sel;
		o.limit = sel->limit;
		o.continue_token = sel->cont;
	}
	o.any = o.watched = o.sel.cached && !o.continue_token;
	registry_list(s, r, ns, &o, cb, data);
}

/* --- life ------------------------------------------------------------------------- */

static void op_free_store(struct store *s)
{
	struct registry *reg = registry_of(s);

	maintenance_stop(reg);
	counts_stop(reg);
	advertise_stop(reg);
	reg->freed = true;
	caches_free(reg);
	registry_unref(reg);
}

static const struct store_ops registry_ops = {
	.get = op_get,
	.list = op_list,
	.watch = registry_watch,
	.watch_close = registry_watch_close,
	.create = op_create,
	.update = op_update,
	.patch = op_patch,
	.del = op_delete,
	.free = op_free_store,
};

/* Before keys that users make up take the room. */
static void intern_fields(void)
{
	for (size_t i = 0; schema_types[i]; i++)
		for (size_t j = 0; j < schema_types[i]->n_fields; j++)
			json_intern(schema_types[i]->fields[j].name);
}

int registry_new(sd_event *loop, struct etcd *etcd, const struct registry_config *config, struct store **ret,
		 char **ret_msg)
{
	struct registry *reg;
	struct ip_range services, pods;

	if (ip_range_parse(config->service_cidr, &services) || ip_range_last(&services) < 1) {
		*ret_msg = xasprintf("%s is no prefix for service addresses", config->service_cidr);
		return -EINVAL;
	}
	if (ip_range_parse(config->cluster_cidr, &pods)) {
		*ret_msg = xasprintf("%s is no prefix for pod addresses", config->cluster_cidr);
		return -EINVAL;
	}
	if (!ip_range_blocks(&pods, config->node_prefix_len)) {
		*ret_msg = xasprintf("%s cannot be cut into prefixes of %d bits for the nodes", config->cluster_cidr,
				     config->node_prefix_len);
		return -EINVAL;
	}
	reg = xnew0(struct registry);
	reg->store.ops = &registry_ops;
	reg->loop = loop;
	reg->etcd = etcd;
	reg->refs = 1;
	reg->services = services;
	reg->pods = pods;
	reg->node_prefix_len = config->node_prefix_len;
	intern_fields();
	maintenance_start(reg);
	counts_start(reg);
	*ret = &reg->store;
	return 0;
}
