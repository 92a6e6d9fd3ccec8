// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * write.c - create, update, patch and the subresources
 *
 * An update asks for the object; then both it and a create prepare what is to be
 * written, pass admission, validate, reserve what the cluster allots, and write
 * in one transaction on the revision they started from. Whoever named no
 * resourceVersion is not bothered with a lost race: it starts over from the
 * object as it is now.
 */
#include <errno.h>

#include "api/kinds/rules.h"
#include "api/meta/fielderr.h"
#include "api/registry/internal.h"
#include "api/registry/object.h"
#include "api/meta/managed.h"
#include "api/meta/status.h"

#define CREATE_ATTEMPTS 8	/* names made from generateName */
#define UPDATE_ATTEMPTS 100	/* lost races in a row */
#define GUARD_ATTEMPTS 100	/* races lost to changes of the namespace */
#define EVENT_TTL 3900		/* seconds a lease for events lasts: an hour at least ... */
#define EVENT_LEASE_SHARED 300	/* ... for those written in the first 300 of it */

static const char *body_name(const json *obj)
{
	return json_str_or(json_get(obj, "metadata", "name"), "");
}

/* --- the transaction -------------------------------------------------------------- */

static void put(struct op *op, int64_t lease, etcd_cb answer)
{
	struct buf value = { 0 };

	object_encode(op->next, &value);
	etcd_txn_put_guarded(op->reg->etcd, op->key, op->cur_rv, value.data, value.len, lease,
			     op->guard.key ? &op->guard : NULL, answer, op);
	buf_free(&value);
}

/* Events go away by themselves an hour after they were written last; many share a lease. */
static bool needs_lease(const struct op *op)
{
	return op->k->rules->expires && now_monotonic_us() >= op->reg->event_lease_until;
}

static void take_lease(struct op *op, const struct etcd_result *res)
{
	op->reg->event_lease = res->lease;
	op->reg->event_lease_until = now_monotonic_us() + (uint64_t)EVENT_LEASE_SHARED * 1000000;
}

static int64_t lease_of(const struct op *op)
{
	return op->k->rules->expires ? op->reg->event_lease : 0;
}

/* Gives the reservations back, then fails with the Status. */
static void undone(struct op *op, json *unused)
{
	op_fail(op, TAKE_PTR(op->status));
}

static void fail_undo(struct op *op, json *status)
{
	op->status = status;
	alloc_undo(op, undone);
}

/*
 * The put was not confirmed. Where nobody knows whether it happened, the object
 * may be there with what was reserved for it: that stays, and maintenance takes
 * it away if no object uses it.
 */
static void put_failed(struct op *op, const struct etcd_result *res)
{
	if (res->err == -EINVAL)
		fail_undo(op, etcd_status(res));
	else
		op_fail(op, etcd_status(res));
}

/* An object that is too large for etcd goes without managedFields, which say least of it. */
static bool put_smaller(struct op *op, const struct etcd_result *res, etcd_cb answer)
{
	if (res->err != -EINVAL || !res->msg || !(strstr(res->msg, "too large") || strstr(res->msg, "larger than max")) ||
	    !json_get(op->next, "metadata", "managedFields"))
		return false;
	object_set_managed(op->next, NULL);
	put(op, lease_of(op), answer);
	return true;
}

static void finish_write(struct op *op, int code)
{
	if (!op->write.dry_run)
		object_set_rv(op->next, op->write_rv);
	if (streq(op->sub, "scale")) {
		_cleanup_json_ json *scale = object_scale(op->next);

		op_done(op, code, scale, op->write_rv);
		return;
	}
	if (streq(op->sub, "binding")) {
		_cleanup_json_ json *ok = json_build("{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},"
						     "\"status\":\"Success\",\"code\":201}");

		op_done(op, 201, ok, op->write_rv);
		return;
	}
	op_done(op, code, op->next, op->write_rv);
}

static struct object_writer writer_of(const struct op *op)
{
	return (struct object_writer){ .as = op->as, .manager = op->write.manager, .now_us = now_realtime_us() };
}

/* --- create ------------------------------------------------------------------------ */

static void create_prepare(struct op *op);
static void update_current(void *data, const struct etcd_result *res);

static void create_again(struct op *op, json *unused)
{
	create_prepare(op);
}

/* Somebody else was faster: what was to be made is to be changed. */
static void apply_again(struct op *op, json *unused)
{
	etcd_range(op->reg->etcd, op->key, NULL, NULL, update_current, op);
}

static void create_answer(void *data, const struct etcd_result *res)
{
	struct op *op = data;

	if (op_orphaned(op))
		return;
	if (res->err) {
		if (!put_smaller(op, res, create_answer))
			put_failed(op, res);
	} else if (res->succeeded) {
		op->write_rv = res->revision;
		finish_write(op, 201);
	} else if (!res->n_kvs && ++op->attempts >= GUARD_ATTEMPTS) {
		fail_undo(op, status_unavailable("namespace %s changes all the time", op->ns ?: ""));
	} else if (!res->n_kvs) {
		alloc_undo(op, create_again);	/* the namespace has changed: is it still one to create in? */
	} else if (*json_str_or(json_get(op->body, "metadata", "generateName"), "") && !op->name &&
		   !*body_name(op->body) && ++op->attempts < CREATE_ATTEMPTS) {
		alloc_undo(op, create_again);
	} else if (op_is_apply(op) && ++op->attempts < CREATE_ATTEMPTS) {
		alloc_undo(op, apply_again);
	} else {
		fail_undo(op, status_exists(op->k->res, body_name(op->next)));
	}
}

static void create_leased(void *data, const struct etcd_result *res)
{
	struct op *op = data;

	if (op_orphaned(op))
		return;
	if (res->err) {
		fail_undo(op, etcd_status(res));
		return;
	}
	take_lease(op, res);
	put(op, lease_of(op), create_answer);
}

static void create_dry(void *data, const struct etcd_result *res);

static void create_reserved(struct op *op, json *status)
{
	if (status)
		op_fail(op, status);
	else if (op->write.dry_run)
		etcd_range(op->reg->etcd, op->key, NULL, NULL, create_dry, op);
	else if (needs_lease(op))
		etcd_lease_grant(op->reg->etcd, EVENT_TTL, create_leased, op);
	else
		put(op, lease_of(op), create_answer);
}

/* A dry run has no transaction that would find the name taken. */
static void create_dry(void *data, const struct etcd_result *res)
{
	struct op *op = data;

	if (op_orphaned(op))
		return;
	if (res->err)
		op_fail(op, etcd_status(res));
	else if (res->n_kvs)
		op_fail(op, status_exists(op->k->res, body_name(op->next)));
	else
		finish_write(op, 201);
}

/* What the body, or the applied configuration, is the object of. */
static json *create_wanted(struct op *op, const struct object_writer *w)
{
	json *s;

	json_freep(&op->next);
	json_freep(&op->managed);
	if (!op_is_apply(op)) {
		op->next = json_clone(op->body);
		op->managed = object_record_create(w, op->body);
		return NULL;
	}
	s = object_apply(w, op->ns, op->name, NULL, NULL, op->body, op->write.force, &op->next, &op->managed);
	/* It was meant for an object that is gone: Kubernetes makes a new one. */
	json_del(json_get(op->next, "metadata"), "resourceVersion");
	return s;
}

static void create_admitted(struct op *op, json *status);

/* The body is checked and of the stored version. */
static void create_prepare(struct op *op)
{
	struct object_writer w = writer_of(op);
	json *s = create_wanted(op, &w);

	if (!s)
		s = object_prepare_create(op->k, op->next, w.now_us);
	if (!s && op->k->rules->sign)
		op->k->rules->sign(op->next, write_user(&op->write));
	if (s) {
		op_fail(op, s);
		return;
	}
	object_set_managed(op->next, TAKE_PTR(op->managed));
	admission_start(op, ADMIT_CREATE, create_admitted);
}

static void create_admitted(struct op *op, json *status)
{
	json *s = status;

	if (!s) {
		admit_object(op->k, op->next);
		s = object_validate(op->as, NULL, op->next, NULL);
	}
	if (s) {
		op_fail(op, s);
		return;
	}
	free(op->key);
	op->key = registry_key(op->k->res, op->ns, body_name(op->next));
	op->cur_rv = 0;
	alloc_reserve(op, create_reserved);
}

void write_begin_create(struct op *op)
{
	json *s;

	if (kind_is_virtual(op->k)) {
		virtual_create(op);
		return;
	}
	s = object_check_body(op->as, op->ns, op->name, op->write.field_validation == FIELDS_STRICT, op->body);
	if (s) {
		op_fail(op, s);
		return;
	}
	kind_to_storage(op->as, op->body);
	create_prepare(op);
}

/* --- update, patch, subresources ----------------------------------------------------- */

static void update_apply(struct op *op);

/* op->next from op->cur, to be admitted and validated; a Status if it cannot be. */
static json *update_prepare(struct op *op)
{
	bool strict = op->write.field_validation == FIELDS_STRICT;
	struct object_writer w = writer_of(op);
	json *wanted = NULL, *s = NULL;

	json_freep(&op->managed);
	if (streq(op->sub, "binding"))
		return object_bind(op->cur, op->body, w.now_us, &op->next);
	if (op_is_apply(op))
		s = object_apply(&w, op->ns, op->name, op->sub, op->cur, op->body, op->write.force, &wanted, &op->managed);
	else if (op->is_patch)
		s = object_patch(op->as, op->sub, op->cur, op->patch_type, op->body, strict, &wanted);
	else
		wanted = json_clone(op->body);
	/* Validation knows a patch of the object itself that changes the uid. */
	if (!s && (op->sub || !op->is_patch))
		s = object_check_uid(op->k, op->cur, wanted);
	if (s) {
		json_freep(&wanted);
		return s;
	}
	s = object_prepare_update(op->k, op->sub, op->cur, wanted, &op->next);
	if (s)
		return s;
	if (op_is_apply(op))
		object_set_managed(op->next, TAKE_PTR(op->managed));
	else
		object_record(&w, op->sub, op->cur, op->next);
	return NULL;
}

/* What was applied before is no change, and does not become one because it is later now. */
static bool changes_nothing(struct op *op)
{
	if (!op_is_apply(op) || !managed_same_but_times(op->next, op->cur))
		return json_equal(op->next, op->cur);
	json_freep(&op->next);
	op->next = json_clone(op->cur);
	return true;
}

static void update_again(struct op *op, json *unused)
{
	update_apply(op);
}

/* What was to be changed by an apply is gone, and is made anew. */
static void make_again(struct op *op, json *unused)
{
	json_freep(&op->cur);
	create_prepare(op);
}

static void update_released(struct op *op, json *unused)
{
	finish_write(op, 200);
}

static void update_answer(void *data, const struct etcd_result *res)
{
	struct op *op = data;
	json *s;

	if (op_orphaned(op))
		return;
	if (res->err) {
		if (!put_smaller(op, res, update_answer))
			put_failed(op, res);
	} else if (res->succeeded) {
		op->write_rv = res->revision;
		alloc_release(op, update_released);
	} else if (!res->n_kvs && op_is_apply(op) && !op->sub) {
		alloc_undo(op, make_again);
	} else if (!res->n_kvs) {
		fail_undo(op, status_not_found(op->k->res, op->name));
	} else if (++op->attempts >= UPDATE_ATTEMPTS) {
		fail_undo(op, status_modified(op->k->res, op->name));
	} else {
		s = op_take_current(op, &res->kvs[0]);
		if (s)
			fail_undo(op, s);
		else
			alloc_undo(op, update_again);
	}
}

static void removed_released(struct op *op, json *unused)
{
	json_freep(&op->next);
	op->next = json_clone(op->cur);
	finish_write(op, 200);
}

/* The update took the last finalizer away: the object went instead of being written. */
static void removed_answer(void *data, const struct etcd_result *res)
{
	struct op *op = data;

	if (op_orphaned(op))
		return;
	if (!res->err && res->succeeded) {
		op->write_rv = res->revision;
		json_freep(&op->cur);
		op->cur = TAKE_PTR(op->next);
		alloc_release(op, removed_released);
		return;
	}
	update_answer(data, res);
}

static void update_leased(void *data, const struct etcd_result *res)
{
	struct op *op = data;

	if (op_orphaned(op))
		return;
	if (res->err) {
		fail_undo(op, etcd_status(res));
		return;
	}
	take_lease(op, res);
	put(op, lease_of(op), update_answer);
}

static void update_reserved(struct op *op, json *status)
{
	if (status)
		op_fail(op, status);
	else if (needs_lease(op))
		etcd_lease_grant(op->reg->etcd, EVENT_TTL, update_leased, op);
	else
		put(op, lease_of(op), update_answer);
}

static void update_dry(struct op *op, json *status)
{
	if (status)
		op_fail(op, status);
	else
		finish_write(op, 200);
}

static void update_admitted(struct op *op, json *status)
{
	json *s = status;

	if (!s && !streq(op->sub, "binding"))
		s = object_validate(op->as, op->sub, op->next, op->cur);
	if (s) {
		op_fail(op, s);
	} else if (op->write.dry_run) {
		op->write_rv = op->cur_rv;
		alloc_reserve(op, update_dry);
	} else if (changes_nothing(op)) {
		op->write_rv = op->cur_rv;
		finish_write(op, 200);
	} else if (object_is_finished(op->k, op->next)) {
		etcd_txn_put(op->reg->etcd, op->key, op->cur_rv, NULL, 0, 0, removed_answer, op);
	} else {
		alloc_reserve(op, update_reserved);
	}
}

static void update_apply(struct op *op)
{
	json *s;

	json_freep(&op->next);
	s = update_prepare(op);
	if (s)
		op_fail(op, s);
	else
		admission_start(op, ADMIT_UPDATE, update_admitted);
}

/* Is this a PUT of the object itself? */
static bool is_put(const struct op *op)
{
	return !op->is_patch && !op->sub;
}

/* Some kinds are only replaced by who says which version it has seen. */
static json *check_named_version(struct op *op)
{
	const char *rv = json_str_or(json_get(op->body, "metadata", "resourceVersion"), "");
	_cleanup_field_errors_ struct field_errors e = {0};

	if (!is_put(op) || !(op->k->flags & KIND_NEEDS_RV) || (*rv && !streq(rv, "0")))
		return NULL;
	field_invalid_int(&e, "metadata.resourceVersion", 0, "must be specified for an update");
	return status_invalid(op->k->res, op->name, &e);
}

static void update_current(void *data, const struct etcd_result *res)
{
	struct op *op = data;
	json *s;

	if (op_orphaned(op))
		return;
	if (!res->err && !res->n_kvs && is_put(op) && (op->k->flags & KIND_PUT_CREATES)) {
		json_del(json_get(op->body, "metadata"), "resourceVersion");
		create_prepare(op);
		return;
	}
	if (!res->err && !res->n_kvs && op_is_apply(op) && !op->sub) {
		create_prepare(op);
		return;
	}
	if (res->err)
		s = etcd_status(res);
	else if (!res->n_kvs)
		s = status_not_found(op->k->res, op->name);
	else
		s = op_take_current(op, &res->kvs[0]);
	if (!s)
		s = check_named_version(op);
	if (s)
		op_fail(op, s);
	else
		update_apply(op);
}

void write_begin_update(struct op *op)
{
	const struct subresource *sub = kind_subresource(op->k, op->sub);
	bool strict = op->write.field_validation == FIELDS_STRICT;
	json *s = NULL;

	if (op->sub && !sub)
		s = status_no_resource();
	else if (!op->is_patch && (!sub || !sub->kind))
		s = object_check_body(op->as, op->ns, op->name, strict, op->body);
	else if (!op->is_patch && streq(op->sub, "scale"))
		s = object_check_scale(op->name, strict, op->body);
	else if (!json_is_object(op->body) && !json_is_array(op->body))
		s = status_bad_request("the body is neither a JSON object nor a list");
	if (s) {
		op_fail(op, s);
		return;
	}
	if (!op->is_patch && json_is_object(op->body) && streq(json_str(json_get(op->body, "kind")), op->as->res->kind))
		kind_to_storage(op->as, op->body);
	etcd_range(op->reg->etcd, op->key, NULL, NULL, update_current, op);
}
