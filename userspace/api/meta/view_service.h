/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * view_service.h - typed readers of a Service
 *
 * What is returned is borrowed from the tree. NULL (or 0) means absent.
 */
#ifndef KEELSON_API_VIEW_SERVICE_H
#define KEELSON_API_VIEW_SERVICE_H

#include "api/meta/view_meta.h"

/* A map of labels; NULL when it has none, and somebody else looks after its endpoints. */
static inline const json *service_selector(const json *svc)
{
	const json *s = json_get(svc, "spec", "selector");

	return json_len(s) ? s : NULL;
}

/* NULL while none is given, and for a headless Service. */
static inline const char *service_cluster_ip(const json *svc)
{
	const char *ip = json_str(json_get(svc, "spec", "clusterIP"));

	return ip && *ip && !streq(ip, "None") ? ip : NULL;
}

static inline bool service_is_external_name(const json *svc)
{
	return streq(json_str(json_get(svc, "spec", "type")), "ExternalName");
}

static inline bool service_publishes_not_ready(const json *svc)
{
	return json_bool(json_get(svc, "spec", "publishNotReadyAddresses"), false);
}

static inline const json *service_ports(const json *svc)
{
	return json_get(svc, "spec", "ports");
}

#endif
