/* SPDX-License-Identifier: GPL-2.0-or-later */
/* endpointslice.h - EndpointSlices of Services that have a selector */
#ifndef KEELSON_CONTROLLERS_ENDPOINTSLICE_H
#define KEELSON_CONTROLLERS_ENDPOINTSLICE_H

#include "controllers/runner.h"

#define ENDPOINTS_PER_SLICE 100

extern const struct controller endpointslice_controller;

struct endpointslice_in {
	const json *svc;
	const json *const *pods;	/* of its namespace: all that it may select */
	size_t n_pods;
	const json *const *slices;	/* of its name */
	size_t n_slices;
};
/* Changes as few slices as it can; one that still says the truth is left alone. */
void endpointslice_reconcile(const struct endpointslice_in *in, struct actions *out);

#endif
