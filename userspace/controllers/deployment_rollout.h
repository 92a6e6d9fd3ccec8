/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * deployment_rollout.h - what the files of the Deployment controller share:
 *                        deployment.c (the flow), deployment_scale.c (how many
 *                        pods each ReplicaSet gets), deployment_status.c
 */
#ifndef KEELSON_CONTROLLERS_DEPLOYMENT_ROLLOUT_H
#define KEELSON_CONTROLLERS_DEPLOYMENT_ROLLOUT_H

#include "controllers/deployment.h"

#define ANNOTATION_REVISION "deployment.kubernetes.io/revision"
#define ANNOTATION_HISTORY "deployment.kubernetes.io/revision-history"
#define ANNOTATION_DESIRED "deployment.kubernetes.io/desired-replicas"
#define ANNOTATION_MAX "deployment.kubernetes.io/max-replicas"

/* In what order the writes of a round are made (claim_dependents() uses 0 and 1). */
#define STAGE_STATUS 0
#define STAGE_REPLICASETS 2
#define STAGE_AFTER_CREATE 3

/* One ReplicaSet and what is to become of it. */
struct rs_plan {
	const json *rs;
	int64_t was, size;		/* spec.replicas now, and to be written */
	bool stamp;			/* write the desired/max annotations even if the size stays */
	json *patch;			/* other changes, a merge patch; or NULL */
};

struct rollout {
	const struct deployment_in *in;
	const json *d;
	struct actions *out;
	int64_t replicas, surge, unavailable;	/* spec, and the bounds of a rolling update */
	struct rs_plan *all;			/* oldest first */
	size_t n;
	struct rs_plan *new;			/* the one with the present template, or NULL */
	json *seen;				/* the status as of now, with conditions set on the way */
};

/* --- numbers of one ReplicaSet --- */
int64_t rs_available(const json *rs);
int64_t rs_actual(const json *rs);	/* status.replicas */
/* The value of an integer annotation, or dflt. */
int64_t rs_annotation(const json *rs, const char *key, int64_t dflt);

/* --- deployment_scale.c: each sets sizes in the plans --- */
int64_t rollout_total(const struct rollout *r);
/* The size the new ReplicaSet may have now; r->new may be absent (then as if it had 0). */
int64_t rollout_new_size(const struct rollout *r);
/* True when somebody changed spec.replicas since the ReplicaSets were last sized. */
bool rollout_is_scaling(const struct rollout *r);
/* spec.replicas changed (or the rollout is paused): spread the difference over what there is. */
void rollout_scale(struct rollout *r);
/* Takes old pods away as far as enough stay available: unhealthy ones first. True when it did. */
bool rollout_shrink_old(struct rollout *r);

/* --- deployment_status.c --- */
bool deployment_complete(const json *d, const json *status);
/* Progressing or Available and so on, in r->seen. */
void rollout_condition(struct rollout *r, const char *type, const char *status, const char *reason,
		       const char *fmt, ...) PRINTF(5, 6);
bool rollout_has_deadline(const struct rollout *r);
/* Writes the counts and conditions; with_progress also judges whether the rollout advances. */
void rollout_report(struct rollout *r, bool with_progress, int stage);

#endif
