/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * api.h - what the agent answers over HTTPS, to the API server
 *
 * GET /containerLogs/<ns>/<pod>/<container>?follow&tailLines&timestamps&sinceSeconds&sinceTime&previous&limitBytes
 * GET /pods, GET /healthz, GET /metrics
 */
#ifndef KEELSON_AGENT_API_H
#define KEELSON_AGENT_API_H

#include "agent/pods.h"
#include "rpc/http_server.h"

struct agent_api;

/* pods is borrowed. Errors as http_server_new(). */
int agent_api_new(sd_event *loop, const struct http_server_config *config, struct pods *pods,
		  struct agent_api **ret, char **ret_msg);
void agent_api_free(struct agent_api *a);

#endif
