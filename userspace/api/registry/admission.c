// SPDX-License-Identifier: GPL-2.0-or-later
/* admission.c - see admission.h: the chain, its look-ups, and the life-cycle of namespaces */
#include "api/registry/admission.h"

#include "api/meta/status.h"
#include "api/registry/internal.h"
#include "api/registry/object.h"

static void admit_namespace(struct admission *a);
static void admit_namespace_deletion(struct admission *a);

static const struct admission_step {
	unsigned operations;		/* enum admission_operation */
	const struct kind *k;		/* NULL: all */
	void (*fn)(struct admission *a);
} steps[] = {
	{ ADMIT_CREATE, NULL, admit_namespace },
	{ ADMIT_DELETE, &kind_namespaces, admit_namespace_deletion },
	{ ADMIT_CREATE, &kind_pods, admit_service_account },
	{ ADMIT_CREATE | ADMIT_UPDATE, &kind_pods, admit_priority },
	{ ADMIT_CREATE | ADMIT_UPDATE, &kind_priorityclasses, admit_default_priority_class },
};

/* --- the chain ------------------------------------------------------------------------ */

static void run_step(struct admission *a)
{
	const struct admission_step *s;

	for (; a->step < ARRAY_SIZE(steps); a->step++) {
		s = &steps[a->step];
		if ((s->operations & a->operation) && (!s->k || s->k == a->k)) {
			s->fn(a);
			return;
		}
	}
	a->then(a->op, NULL);
}

void admission_pass(struct admission *a)
{
	a->step++;
	a->tries = 0;
	run_step(a);
}

void admission_refuse(struct admission *a, json *status)
{
	a->then(a->op, status);
}

/* A name that is still to be made is its beginning. */
static const char *name_of(const struct admission *a)
{
	const json *body = json_get(a->op->body, "metadata");
	const char *name = json_str_or(json_get(body, "name"), "");

	if (a->name)
		return a->name;
	return *name ? name : json_str_or(json_get(body, "generateName"), "");
}

json *admission_forbidden(const struct admission *a, const char *fmt, ...)
{
	_cleanup_free_ char *why = NULL;
	va_list ap;

	va_start(ap, fmt);
	why = xvasprintf(fmt, ap);
	va_end(ap);
	return status_forbidden(a->k->res, name_of(a), why, NULL);
}

static void try_again(void *data)
{
	struct admission *a = data;

	if (!op_orphaned(a->op))
		run_step(a);
}

bool admission_again(struct admission *a, uint64_t us, unsigned max)
{
	if (++a->tries >= max)
		return false;
	loop_timer_start(&a->again, us);
	return true;
}

void admission_start(struct op *op, enum admission_operation operation, void (*then)(struct op *op, json *status))
{
	struct admission *a = &op->admission;

	admission_stop(op);
	free((char *)op->guard.key);
	op->guard = (struct etcd_guard){ 0 };
	*a = (struct admission){
		.operation = operation, .k = op->k, .ns = op->ns, .name = op->name, .sub = op->sub, .user = write_user(&op->write),
		.object = operation == ADMIT_DELETE ? NULL : op->next, .old = op->cur, .dry_run = op->write.dry_run,
		.op = op, .then = then,
	};
	loop_timer_init(&a->again, op->reg->loop, try_again, a);
	run_step(a);
}

void admission_stop(struct op *op)
{
	loop_timer_stop(&op->admission.again);
}

/* --- look-ups --------------------------------------------------------------------------- */

static void got(void *data, const struct etcd_result *res)
{
	struct op *op = data;
	struct admission *a = &op->admission;
	_cleanup_free_ char *why = NULL;
	_cleanup_json_ json *obj = NULL;

	if (op_orphaned(op))
		return;
	if (res->err) {
		admission_refuse(a, etcd_status(res));
		return;
	}
	if (res->n_kvs && object_decode(res->kvs->key, res->kvs->value, res->kvs->value_len, res->kvs->mod_revision, &obj, &why))
		admission_refuse(a, status_internal("%s", why));
	else
		a->found(a, obj);
}

void admission_get(struct admission *a, const struct kind *k, const char *ns, const char *name,
		   void (*found)(struct admission *a, const json *obj))
{
	_cleanup_free_ char *key = registry_key(k->res, ns, name);

	a->found = found;
	etcd_range(a->op->reg->etcd, key, NULL, NULL, got, a->op);
}

static void listed(void *data, const struct etcd_result *res)
{
	struct op *op = data;
	struct admission *a = &op->admission;
	_cleanup_json_ json *items = NULL;

	if (op_orphaned(op))
		return;
	if (res->err) {
		admission_refuse(a, etcd_status(res));
		return;
	}
	items = json_new_array();
	for (size_t i = 0; i < res->n_kvs; i++) {
		const struct etcd_kv *kv = &res->kvs[i];
		_cleanup_free_ char *why = NULL;
		json *obj;

		/* One that cannot be read is not there for whoever asks for all. */
		if (!object_decode(kv->key, kv->value, kv->value_len, kv->mod_revision, &obj, &why))
			json_append(items, obj);
	}
	a->found(a, items);
}

void admission_list(struct admission *a, const struct kind *k, void (*found)(struct admission *a, const json *items))
{
	_cleanup_free_ char *prefix = registry_key(k->res, NULL, NULL), *end = etcd_prefix_end(prefix);

	a->found = found;
	etcd_range(a->op->reg->etcd, prefix, end, NULL, listed, a->op);
}

/* --- namespaces --------------------------------------------------------------------------- */

static json *terminating(const struct admission *a)
{
	_cleanup_free_ char *message = xasprintf("namespace %s is being terminated", a->ns);
	json *s = admission_forbidden(a, "unable to create new content in namespace %s because it is being terminated", a->ns);

	json_append(json_set(json_get(s, "details"), "causes", json_new_array()),
		    status_cause("NamespaceTerminating", "metadata.namespace", message));
	return s;
}

static void namespace_found(struct admission *a, const json *ns)
{
	if (!ns) {
		admission_refuse(a, status_not_found(&res_namespaces, a->ns));
	} else if (json_str(json_get(ns, "metadata", "deletionTimestamp"))) {
		admission_refuse(a, terminating(a));
	} else {
		/* It may end before the object is written: the write's transaction asks for this very version of it. */
		op_guard(a->op, &res_namespaces, ns);
		admission_pass(a);
	}
}

/* Nothing is made in a namespace that is not there or is going. */
static void admit_namespace(struct admission *a)
{
	if (a->ns)
		admission_get(a, &kind_namespaces, NULL, a->ns, namespace_found);
	else
		admission_pass(a);
}

static void admit_namespace_deletion(struct admission *a)
{
	if (streq(a->name, "default") || streq(a->name, "kube-system") || streq(a->name, "kube-public"))
		admission_refuse(a, admission_forbidden(a, "this namespace may not be deleted"));
	else
		admission_pass(a);
}
