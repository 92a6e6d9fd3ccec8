/* SPDX-License-Identifier: GPL-2.0-or-later */
/* endpoints.h - the older form of the same: one Endpoints object per Service */
#ifndef KEELSON_CONTROLLERS_ENDPOINTS_H
#define KEELSON_CONTROLLERS_ENDPOINTS_H

#include "controllers/runner.h"

#define ENDPOINTS_MAX_ADDRESSES 1000

extern const struct controller endpoints_controller;

struct endpoints_in {
	const json *svc;
	const json *const *pods;	/* of its namespace: all that it may select */
	size_t n_pods;
	const json *endpoints;		/* of the Service's name, or NULL */
};
void endpoints_reconcile(const struct endpoints_in *in, struct actions *out);

#endif
