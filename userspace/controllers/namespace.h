/* SPDX-License-Identifier: GPL-2.0-or-later */
/* namespace.h - what every namespace holds, and how one is emptied and removed */
#ifndef KEELSON_CONTROLLERS_NAMESPACE_H
#define KEELSON_CONTROLLERS_NAMESPACE_H

#include "controllers/runner.h"

extern const struct controller namespace_controller;

struct namespace_in {
	const json *ns;
	const json *account;	/* its ServiceAccount "default", or NULL */
	const json *ca;		/* its ConfigMap "kube-root-ca.crt", or NULL */
	const char *ca_pem;	/* what that is to hold; NULL: none is made */
};
/* Of one that is not being deleted; see namespace_deletion.h. */
void namespace_reconcile(const struct namespace_in *in, struct actions *out);

#endif
