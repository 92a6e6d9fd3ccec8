// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * advertise.c - the endpoints of Service default/kubernetes: the
 *                        servers of this cluster
 *
 * As in Kubernetes each server keeps a key of its own on a lease of etcd,
 * /registry/masterleases/ADDRESS, and writes into Endpoints and EndpointSlice
 * "kubernetes" what keys there are. A server that has died is gone from there
 * when its lease is over; whichever server looks next takes it out. A slice
 * has one list of ports and one family: servers whose port or family is not
 * that of the first in order of address are left out, by all servers alike.
 */
#include <arpa/inet.h>
#include <errno.h>

#include "api/registry/internal.h"
#include "base/log.h"

#define ROUND_US (10 * UINT64_C(1000000))
#define RETRY_US (1 * UINT64_C(1000000))
#define LEASE_TTL 30	/* seconds: three rounds */
#define LEASES_PREFIX REGISTRY_PREFIX "masterleases/"
#define NAMESPACE "default"
#define NAME "kubernetes"
#define PORT_NAME "https"

struct advertise {
	struct registry *reg;
	char *address, *key;
	int port;
	int64_t lease, mod;	/* mod: revision of the key, 0: none that we know of */
	json *addresses;	/* of the servers there are */
	int64_t their_port;
	bool v6;
	struct loop_timer timer;
	bool in_etcd, stopped;	/* an answer of etcd is awaited; it comes even when stopped */
	int attempts;		/* to write the key, in this round */
	char *told;		/* the failure logged last: each is told once */
};

static void advertise_free(struct advertise *a)
{
	loop_timer_stop(&a->timer);
	json_freep(&a->addresses);
	free(a->address);
	free(a->key);
	free(a->told);
	free(a);
}

static void fail(struct advertise *a, const char *why)
{
	if (!streq(a->told, why))
		log_warn("cannot keep the endpoints of Service " NAMESPACE "/" NAME " current: %s", why);
	free(a->told);
	a->told = xstrdup(why);
	loop_timer_start(&a->timer, RETRY_US);
}

/* For the first line of etcd's callbacks: false when there is nothing to go on with. */
static bool answered(struct advertise *a, const struct etcd_result *res)
{
	a->in_etcd = false;
	if (a->stopped)
		advertise_free(a);
	else if (res->err)
		fail(a, res->msg ? res->msg : "no answer");
	else
		return true;
	return false;
}

/* --- the two objects ------------------------------------------------------------------- */

static json *port_list(const struct advertise *a)
{
	return json_build("[{\"name\":\"" PORT_NAME "\",\"port\":%lld,\"protocol\":\"TCP\"}]", (long long)a->their_port);
}

static json *endpoints_wanted(const struct advertise *a)
{
	json *obj = json_build("{\"apiVersion\":\"v1\",\"kind\":\"Endpoints\",\"metadata\":{\"name\":\"" NAME "\",\"namespace\":\""
			       NAMESPACE "\",\"labels\":{\"endpointslice.kubernetes.io/skip-mirror\":\"true\"}},"
			       "\"subsets\":[{\"addresses\":[]}]}");
	json *subset = json_get(obj, "subsets")->child;

	json_each(ip, a->addresses)
		json_append(json_get(subset, "addresses"), json_build("{\"ip\":\"%s\"}", json_str(ip)));
	json_set(subset, "ports", port_list(a));
	return obj;
}

static json *slice_wanted(const struct advertise *a)
{
	json *obj = json_build("{\"apiVersion\":\"discovery.k8s.io/v1\",\"kind\":\"EndpointSlice\",\"metadata\":{\"name\":\"" NAME
			       "\",\"namespace\":\"" NAMESPACE "\",\"labels\":{\"kubernetes.io/service-name\":\"" NAME "\"}},"
			       "\"addressType\":\"%s\",\"endpoints\":[]}", a->v6 ? "IPv6" : "IPv4");

	json_each(ip, a->addresses)
		json_append(json_get(obj, "endpoints"), json_build("{\"addresses\":[\"%s\"],\"conditions\":{\"ready\":true}}",
								   json_str(ip)));
	json_set(obj, "ports", port_list(a));
	return obj;
}

/* Makes the members that we write those of `wanted`; true if any was different. */
static bool adapt(json *obj, const json *wanted)
{
	static const char *const members[] = { "subsets", "endpoints", "ports", "addressType" };
	bool differs = false;

	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		const json *v = json_get(wanted, members[i]);

		if (!v || json_equal(v, json_get(obj, members[i])))
			continue;
		json_set(obj, members[i], json_clone(v));
		differs = true;
	}
	json_each(l, json_get(wanted, "metadata", "labels")) {
		if (json_equal(l, json_get(obj, "metadata", "labels", json_key(l))))
			continue;
		json_set(json_obj(obj, "metadata", "labels"), json_key(l), json_clone(l));
		differs = true;
	}
	return differs;
}

static void finished(struct advertise *a)
{
	if (a->told)
		log_info("the endpoints of Service " NAMESPACE "/" NAME " are current");
	free(TAKE_PTR(a->told));
	loop_timer_start(&a->timer, ROUND_US);
}

static void write_slice(struct advertise *a);

static void on_written(struct advertise *a, const struct store_result *res, void (*next)(struct advertise *a))
{
	/* Another server was faster: the next round sees what it wrote. */
	if (res->err && res->err != -ESTALE && res->err != -EEXIST)
		fail(a, json_str_or(json_get(res->obj, "message"), ""));
	else
		next(a);
}

static void on_endpoints_written(void *data, const struct store_result *res)
{
	on_written(data, res, write_slice);
}

static void on_slice_written(void *data, const struct store_result *res)
{
	on_written(data, res, finished);
}

static void compare(struct advertise *a, const struct resource *r, const struct store_result *res, json *wanted,
		    store_cb written, void (*next)(struct advertise *a))
{
	struct store *s = &a->reg->store;
	const json *type = json_get(wanted, "addressType");

	if (res->err == -ENOENT) {
		store_create(s, r, NAMESPACE, NULL, NULL, wanted, written, a);
	} else if (res->err) {
		fail(a, json_str_or(json_get(res->obj, "message"), ""));
	} else if (type && !json_equal(type, json_get(res->obj, "addressType"))) {
		/* The family of a slice cannot be changed: the next round makes it anew. */
		store_delete(s, r, NAMESPACE, NAME, NULL, written, a);
	} else {
		_cleanup_json_ json *obj = json_clone(res->obj);

		if (adapt(obj, wanted))
			store_update(s, r, NAMESPACE, NAME, NULL, obj, written, a);
		else
			next(a);
	}
}

static void on_slice(void *data, const struct store_result *res)
{
	struct advertise *a = data;
	_cleanup_json_ json *wanted = slice_wanted(a);

	compare(a, &res_endpointslices, res, wanted, on_slice_written, finished);
}

static void write_slice(struct advertise *a)
{
	store_get(&a->reg->store, &res_endpointslices, NAMESPACE, NAME, on_slice, a);
}

static void on_endpoints(void *data, const struct store_result *res)
{
	struct advertise *a = data;
	_cleanup_json_ json *wanted = endpoints_wanted(a);

	compare(a, &res_endpoints, res, wanted, on_endpoints_written, write_slice);
}

/* --- the keys ------------------------------------------------------------------------------ */

/* The port that a server's key tells; ours if it is in a form that we do not read. */
static int64_t port_in(const struct advertise *a, const struct etcd_kv *kv)
{
	_cleanup_json_ json *obj = NULL;
	const json *subsets, *ports;

	if (json_parse(kv->value, kv->value_len, &obj, NULL))
		return a->port;
	subsets = json_get(obj, "subsets");
	ports = json_len(subsets) ? json_get(subsets->child, "ports") : NULL;
	return json_len(ports) ? json_int(json_get(ports->child, "port"), a->port) : a->port;
}

static void on_keys(void *data, const struct etcd_result *res)
{
	struct advertise *a = data;

	if (!answered(a, res))
		return;
	json_freep(&a->addresses);
	a->addresses = json_new_array();
	for (size_t i = 0; i < res->n_kvs; i++) {
		const char *address = strrchr(res->kvs[i].key, '/') + 1;
		int64_t port = port_in(a, &res->kvs[i]);
		bool v6 = strchr(address, ':');
		ip_num ip;
		int family;

		if (ip_parse(address, &family, &ip))
			continue;
		if (!json_len(a->addresses)) {
			a->their_port = port;
			a->v6 = v6;
		}
		if (port == a->their_port && v6 == a->v6)
			json_append(a->addresses, json_new_str(address));
	}
	if (json_len(a->addresses))
		store_get(&a->reg->store, &res_endpoints, NAMESPACE, NAME, on_endpoints, a);
	else
		fail(a, "the key of this server is gone at once");
}

static void put_key(struct advertise *a);

static void on_put(void *data, const struct etcd_result *res)
{
	struct advertise *a = data;
	_cleanup_free_ char *end = NULL;

	if (!answered(a, res))
		return;
	a->mod = res->succeeded ? res->revision : res->n_kvs ? res->kvs[0].mod_revision : 0;
	if (!res->succeeded && ++a->attempts < 3) {
		put_key(a);
		return;
	}
	if (!res->succeeded) {
		fail(a, "another server writes the key of this one's address");
		return;
	}
	end = etcd_prefix_end(LEASES_PREFIX);
	a->in_etcd = true;
	etcd_range(a->reg->etcd, LEASES_PREFIX, end, NULL, on_keys, a);
}

static void put_key(struct advertise *a)
{
	_cleanup_free_ char *text = xasprintf("{\"kind\":\"Endpoints\",\"apiVersion\":\"v1\",\"metadata\":{},\"subsets\":[{\"addresses\":"
					      "[{\"ip\":\"%s\"}],\"ports\":[{\"name\":\"" PORT_NAME "\",\"port\":%d}]}]}\n",
					      a->address, a->port);

	a->in_etcd = true;
	etcd_txn_put(a->reg->etcd, a->key, a->mod, text, strlen(text), a->lease, on_put, a);
}

static void on_lease(void *data, const struct etcd_result *res)
{
	struct advertise *a = data;

	if (!answered(a, res))
		return;
	a->lease = res->lease;
	put_key(a);
}

static void on_timer(void *data)
{
	struct advertise *a = data;

	a->attempts = 0;
	a->in_etcd = true;
	etcd_lease_grant(a->reg->etcd, LEASE_TTL, on_lease, a);
}

void registry_advertise(struct store *s, const char *address, int port)
{
	struct registry *reg = registry_of(s);
	struct advertise *a = xnew0(struct advertise);

	a->reg = reg;
	a->address = xstrdup(address);
	a->key = xasprintf(LEASES_PREFIX "%s", address);
	a->port = port;
	reg->advertise = a;
	loop_timer_init(&a->timer, reg->loop, on_timer, a);
	loop_timer_start(&a->timer, 0);
}

void advertise_stop(struct registry *reg)
{
	struct advertise *a = TAKE_PTR(reg->advertise);

	if (!a)
		return;
	loop_timer_stop(&a->timer);
	a->stopped = true;
	/* A call of the store is not answered any more once the registry is freed. */
	if (!a->in_etcd)
		advertise_free(a);
}
