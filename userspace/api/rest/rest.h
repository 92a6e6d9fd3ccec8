/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rest.h - the Kubernetes REST API over HTTP, on top of the registry
 */
#ifndef KEELSON_API_REST_H
#define KEELSON_API_REST_H

#include <systemd/sd-event.h>
#include "rpc/http_server.h"
#include "store/store.h"

struct rest;

struct rest_config {
	struct store *store;		/* the registry; borrowed */
	const char *address;		/* "10.0.0.1:6443" as clients reach this server, or NULL */
	/* PEM files with which nodes' agents are called (logs); NULL: plain HTTP */
	const char *agent_ca, *agent_cert, *agent_key;
};
/* Strings are copied. */
struct rest *rest_new(sd_event *loop, const struct rest_config *config);
/* After the HTTP servers that call it are gone. */
void rest_free(struct rest *r);
/* The http_handler; data is the struct rest. */
void rest_handle(void *data, struct http_request *req);

#endif
