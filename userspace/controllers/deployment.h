/* SPDX-License-Identifier: GPL-2.0-or-later */
/* deployment.h - rolls pods from one template to the next through ReplicaSets */
#ifndef KEELSON_CONTROLLERS_DEPLOYMENT_H
#define KEELSON_CONTROLLERS_DEPLOYMENT_H

#include "controllers/runner.h"

extern const struct controller deployment_controller;

struct deployment_in {
	const json *d;
	/* ReplicaSets that it controls, and those of the namespace that nobody controls. */
	const json *const *candidates;
	size_t n_candidates;
	/* Pods of the ReplicaSets it controls (Recreate waits for old ones to be gone). */
	const json *const *pods;
	size_t n_pods;
	/* A ReplicaSet that bears the name deployment_new_name() gives, whosever it is; or NULL. */
	const json *namesake;
	uint64_t now;			/* microseconds since the epoch */
	const char *last_failure;	/* why a ReplicaSet could not be made lately, or NULL */
};
void deployment_reconcile(const struct deployment_in *in, struct actions *out);

/* The name of the ReplicaSet for the present template; caller frees. */
char *deployment_new_name(const json *d);

#endif
