/* SPDX-License-Identifier: GPL-2.0-or-later */
/* http.h - the store provider that speaks to a Kubernetes API server */
#ifndef KEELSON_STORE_HTTP_H
#define KEELSON_STORE_HTTP_H

#include "rpc/http_client.h"
#include "store/store.h"

/* The client is borrowed and must outlive the store. Free with s->ops->free(s). */
struct store *store_http_new(sd_event *loop, struct http_client *client);

#endif
