/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * backends.h - which pods stand behind a Service, and on which ports
 *
 * Pure. EndpointSlices (endpointslice.c) and Endpoints (endpoints.c) are two
 * ways to write the same answer down.
 */
#ifndef KEELSON_CONTROLLERS_BACKENDS_H
#define KEELSON_CONTROLLERS_BACKENDS_H

#include <uthash.h>

#include "base/json.h"
#include "controllers/runner.h"

/* Ports that backends have in common: most often all of them. */
struct port_set {
	/*
	 * [{name, port, protocol, appProtocol?}] in the order of the Service's
	 * ports; a target port that the pod does not have is left out.
	 */
	json *ports;
	char *key;		/* backends_ports_key() of them */
	size_t number;		/* in order of their first pods */
	struct UT_hash_handle hh;
};

struct backend {
	const json *pod;
	const char *address;	/* borrowed from the pod */
	bool serving;		/* the pod says it is ready, even while it is on its way out */
	bool terminating;
	bool ready;		/* may get new connections */
	const struct port_set *ports;
};

struct backends {
	struct backend *list;
	size_t n;
	struct port_set *ports;	/* in order of their numbers, by hh.next */
};

/*
 * Pods that the Service selects, that have an address of the family ("IPv4" or
 * "IPv6") and are not finished, ordered by address. Free with backends_free().
 */
struct backends backends_find(const json *svc, const json *const *pods, size_t n, const char *family);
void backends_free(struct backends *b);

/* Lists of ports that say the same give the same text ("" for none); caller frees. */
char *backends_ports_key(const json *ports);

/* {kind: Pod, namespace, name, uid} */
json *backend_target_ref(const struct backend *b);
/* The pod's own name in the Service's domain, or NULL. */
const char *backend_hostname(const struct backend *b, const json *svc);

/* True for a Service whose endpoints are ours to keep. */
bool service_has_backends(const json *svc);

/* The indexes that Services and their pods are found by. */
void backends_init(struct informers *set);
/* controller_watch.changed for pods: enqueues the Services that select the old or the new pod. */
void backends_pod_changed(struct runner *r, const json *old, const json *new);

#endif
