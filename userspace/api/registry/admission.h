/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * admission.h - what is looked at, and may be changed or refused, before a write
 *
 * Every create, update and deletion passes a chain of steps. A step sees who
 * wants what of which object, may change the object, refuse it, or look
 * something up in the store first. It ends with exactly one of
 * admission_pass() and admission_refuse(), at once or later.
 *
 * To add one: write the step, name it in the table in admission.c. They run in
 * the table's order, after the object was prepared (defaults, metadata) and
 * before it is validated.
 */
#ifndef KEELSON_API_REGISTRY_ADMISSION_H
#define KEELSON_API_REGISTRY_ADMISSION_H

#include "api/kinds/kinds.h"
#include "base/loop.h"

struct op;

enum admission_operation {
	ADMIT_CREATE = 1 << 0,
	ADMIT_UPDATE = 1 << 1,	/* of a subresource too */
	ADMIT_DELETE = 1 << 2,
};

struct admission {
	enum admission_operation operation;
	const struct kind *k;		/* the stored version */
	const char *ns, *name, *sub;	/* NULL: none; name: as the caller says it, may be NULL or "" in a create */
	const struct kind_user *user;	/* who wants it */
	json *object;			/* as it is to be written, the step's to change; NULL: a deletion */
	const json *old;		/* as it is; NULL: a create */
	bool dry_run;

	/* admission.c's own */
	struct op *op;
	size_t step;
	unsigned tries;			/* of this step */
	struct loop_timer again;
	void (*then)(struct op *op, json *status);
	void (*found)(struct admission *a, const json *obj);
};

/* --- for steps ------------------------------------------------------------------ */

void admission_pass(struct admission *a);
void admission_refuse(struct admission *a, json *status);	/* takes it */
/* 403 `pods "web" is forbidden: ...`; caller frees. */
json *admission_forbidden(const struct admission *a, const char *fmt, ...) PRINTF(2, 3);
/* An object of another kind (ns NULL: cluster-scoped), as it is now; found's obj is NULL if there is none. */
void admission_get(struct admission *a, const struct kind *k, const char *ns, const char *name,
		   void (*found)(struct admission *a, const json *obj));
/* All objects of a kind (cluster-scoped, and few): found's obj is an array of them. */
void admission_list(struct admission *a, const struct kind *k, void (*found)(struct admission *a, const json *items));
/* Runs the step again after so long, if it was tried fewer than max times; else false, and nothing happens. */
bool admission_again(struct admission *a, uint64_t us, unsigned max);

/* --- the steps, besides those of admission.c: admission_pod.c -------------------------- */

void admit_service_account(struct admission *a);
void admit_priority(struct admission *a);
void admit_default_priority_class(struct admission *a);

/* --- for the registry --------------------------------------------------------------- */

/*
 * Takes op->next (a deletion: op->cur) through the steps; then(op, NULL), or
 * then(op, Status) with what refused it.
 */
void admission_start(struct op *op, enum admission_operation operation, void (*then)(struct op *op, json *status));
/* For op_free(). */
void admission_stop(struct op *op);

#endif
