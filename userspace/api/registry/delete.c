// SPDX-License-Identifier: GPL-2.0-or-later
/* delete.c - delete: at once, or marked until grace and finalizers are over */
#include <errno.h>

#include "api/registry/internal.h"
#include "api/registry/object.h"
#include "api/meta/status.h"

#define DELETE_ATTEMPTS 100	/* lost races in a row */

static void delete_apply(struct op *op);

static void delete_released(struct op *op, json *unused)
{
	_cleanup_json_ json *s = status_deleted(op->k->res, op->name,
						json_str(json_get(op->cur, "metadata", "uid")));

	op_done(op, 200, s, op->write_rv);
}

static void delete_answer(void *data, const struct etcd_result *res)
{
	struct op *op = data;
	json *s = NULL;

	if (op_orphaned(op))
		return;
	if (res->err) {
		s = etcd_status(res);
	} else if (res->succeeded && op->next) {
		object_set_rv(op->next, res->revision);
		op_done(op, 200, op->next, res->revision);
		return;
	} else if (res->succeeded) {
		op->write_rv = res->revision;
		alloc_release(op, delete_released);
		return;
	} else if (!res->n_kvs) {
		s = status_not_found(op->k->res, op->name);
	} else if (++op->attempts >= DELETE_ATTEMPTS) {
		s = status_modified(op->k->res, op->name);
	} else {
		s = op_take_current(op, &res->kvs[0]);
	}
	if (s)
		op_fail(op, s);
	else
		delete_apply(op);
}

static void delete_apply(struct op *op)
{
	struct buf value = { 0 };
	enum object_fate fate;
	json *s = NULL;

	json_freep(&op->next);
	fate = object_delete(op->k, op->cur, &op->del, now_realtime_us(), &op->next, &s);
	if (s) {
		op_fail(op, s);
	} else if (fate == OBJECT_KEEP) {
		op_done(op, 200, op->cur, op->cur_rv);
	} else if (op->write.dry_run) {
		op->write_rv = op->cur_rv;
		if (op->next)
			op_done(op, 200, op->next, op->cur_rv);
		else
			delete_released(op, NULL);
	} else {
		if (op->next)
			object_encode(op->next, &value);
		etcd_txn_put(op->reg->etcd, op->key, op->cur_rv, value.data, value.len, 0, delete_answer, op);
		buf_free(&value);
	}
}

static void delete_admitted(struct op *op, json *status)
{
	if (status)
		op_fail(op, status);
	else
		delete_apply(op);
}

static void delete_current(void *data, const struct etcd_result *res)
{
	struct op *op = data;
	json *s;

	if (op_orphaned(op))
		return;
	if (res->err)
		s = etcd_status(res);
	else if (!res->n_kvs)
		s = status_not_found(op->k->res, op->name);
	else
		s = op_take_current(op, &res->kvs[0]);
	if (s)
		op_fail(op, s);
	else
		admission_start(op, ADMIT_DELETE, delete_admitted);
}

void delete_begin(struct op *op)
{
	etcd_range(op->reg->etcd, op->key, NULL, NULL, delete_current, op);
}
