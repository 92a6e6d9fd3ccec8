// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * alloc.c - who holds which service address and which pod prefix
 *
 * Each is reserved by a key of its own, so that two servers never give out the
 * same one: the transaction that makes the key decides. Service addresses lie
 * where Kubernetes keeps its IPAddress objects (/registry/ipaddresses/ADDRESS),
 * pod prefixes in /registry/keelson/podcidrs/ADDRESS-LENGTH. A reservation names
 * its owner's uid. It is made before the object is written and given back after
 * the object is gone; what a crash in between leaves, maintain.c takes
 * away. Until then it does not stand in the way of the object that it names.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <sys/random.h>

#include "api/meta/fielderr.h"
#include "api/kinds/rules.h"
#include "api/registry/internal.h"
#include "api/registry/object.h"
#include "api/meta/status.h"

#define OWNER_UID "keelson.dev/owner-uid"
#define RANDOM_PROBES 4		/* addresses tried blindly before all that are taken are read */

static const char *name_of(const json *obj)
{
	return json_str_or(json_get(obj, "metadata", "name"), "");
}

char *service_ip_key(int family, ip_num ip)
{
	_cleanup_free_ char *text = ip_format(family, ip);

	return xasprintf(SERVICE_IP_PREFIX "%s", text);
}

char *pod_cidr_key(const struct ip_range *r)
{
	_cleanup_free_ char *text = ip_format(r->family, r->base);

	return xasprintf(POD_CIDR_PREFIX "%s-%d", text, r->len);
}

char *reservation_text(const char *key, const struct resource *owner, const json *obj)
{
	_cleanup_json_ json *r = json_new_object();
	bool service = startswith(key, SERVICE_IP_PREFIX);
	const char *name = strrchr(key, '/') + 1;
	json *meta, *parent;
	char now[32], uid[37];

	json_set_str(r, "kind", service ? "IPAddress" : "PodCIDR");
	json_set_str(r, "apiVersion", service ? "networking.k8s.io/v1" : "keelson.dev/v1");
	meta = json_obj(r, "metadata");
	json_set_str(meta, "name", name);
	random_uuid(uid);
	json_set_str(meta, "uid", uid);
	format_time(now_realtime_us(), now);
	json_set_str(meta, "creationTimestamp", now);
	if (service) {
		json_set_str(json_obj(meta, "labels"), "ipaddress.kubernetes.io/ip-family",
			     strchr(name, ':') ? "IPv6" : "IPv4");
		json_set_str(json_obj(meta, "labels"), "ipaddress.kubernetes.io/managed-by", "ipallocator.k8s.io");
	}
	json_set_str(json_obj(meta, "annotations"), OWNER_UID, json_str(json_get(obj, "metadata", "uid")));
	parent = json_obj(r, "spec", "parentRef");
	json_set_str(parent, "group", owner->group);
	json_set_str(parent, "resource", owner->plural);
	json_set_str(parent, "namespace", json_str(json_get(obj, "metadata", "namespace")));
	json_set_str(parent, "name", json_str(json_get(obj, "metadata", "name")));
	return json_print(r);
}

char *reservation_owner(const struct etcd_kv *kv)
{
	_cleanup_json_ json *r = NULL;

	if (json_parse(kv->value, kv->value_len, &r, NULL))
		return xstrdup("");
	return xstrdup(json_str_or(json_get(r, "metadata", "annotations", OWNER_UID), ""));
}

/* --- holding and giving back --------------------------------------------------------- */

static void hold(struct op *op, const char *key, int64_t revision)
{
	op->held = xrealloc(op->held, (op->n_held + 1) * sizeof(*op->held));
	op->held[op->n_held++] = (struct reservation){ .key = xstrdup(key), .revision = revision };
}

static void undo_answer(void *data, const struct etcd_result *res)
{
	struct op *op = data;

	/* Whether it worked or not: what stays is taken away by maintenance. */
	if (!op_orphaned(op))
		alloc_undo(op, op->then);
}

void alloc_undo(struct op *op, void (*then)(struct op *op, json *status))
{
	_cleanup_free_ char *key = NULL;
	int64_t revision;

	op->then = then;
	if (!op->n_held) {
		then(op, NULL);
		return;
	}
	key = op->held[--op->n_held].key;
	revision = op->held[op->n_held].revision;
	etcd_txn_put(op->reg->etcd, key, revision, NULL, 0, 0, undo_answer, op);
}

static void reserve_done(void *data, const struct etcd_result *res);
static void refuse_taken(struct op *op);

static void reserve_dry(void *data, const struct etcd_result *res);

static void reserve(struct op *op, const char *key)
{
	_cleanup_free_ char *text = reservation_text(key, op->k->res, op->next);

	free(op->held_key);
	op->held_key = xstrdup(key);
	op->leftover = 0;
	if (op->write.dry_run)
		etcd_range(op->reg->etcd, key, NULL, NULL, reserve_dry, op);
	else
		etcd_txn_put(op->reg->etcd, key, 0, text, strlen(text), 0, reserve_done, op);
}

/* --- service addresses ----------------------------------------------------------------- */

static void set_cluster_ip(json *obj, const char *ip)
{
	json *spec = json_obj(obj, "spec"), *list = json_new_array();

	json_set_str(spec, "clusterIP", ip);
	json_append(list, json_new_str(ip));
	json_set(spec, "clusterIPs", list);
	if (!streq(ip, "None"))
		json_append(json_set(spec, "ipFamilies", json_new_array()), json_new_str(strchr(ip, ':') ? "IPv6" : "IPv4"));
}

static const char *cluster_ip(const json *obj)
{
	const json *list = json_get(obj, "spec", "clusterIPs");
	const char *ip = json_str_or(json_get(obj, "spec", "clusterIP"), "");

	return *ip || !json_len(list) ? ip : json_str_or(list->child, "");
}

/* 422 on spec.clusterIPs as the API server words it */
static json *ip_refused(struct op *op, const char *ip, const char *why)
{
	_cleanup_field_errors_ struct field_errors e = {0};
	_cleanup_free_ char *full = xasprintf("failed to allocate IP %s: %s", ip, why);

	field_invalid_strings(&e, "spec.clusterIPs", json_get(op->next, "spec", "clusterIPs"), full);
	return status_invalid(op->k->res, name_of(op->next), &e);
}

/* A number below n. */
static ip_num random_below(ip_num n)
{
	ip_num r;

	while (getrandom(&r, sizeof(r), 0) != sizeof(r))
		;
	return r % n;
}

static void probe_service(struct op *op)
{
	const struct ip_range *range = &op->reg->services;
	ip_num first = ip_range_dynamic(range), last = ip_range_last(range);
	ip_num ip = range->base + first + random_below(last - first + 1);
	_cleanup_free_ char *key = service_ip_key(range->family, ip);

	op->probes++;
	reserve(op, key);
}

/* Marks the taken offsets near `first`; a bitmap over the offsets 0 .. n-1. */
struct taken {
	const struct ip_range *range;
	uint8_t *bits;
	size_t n;
};

static bool is_taken(const struct taken *t, size_t i)
{
	return t->bits[i / 8] >> (i % 8) & 1;
}

static void take(struct taken *t, size_t i)
{
	if (i < t->n)
		t->bits[i / 8] |= (uint8_t)(1 << (i % 8));
}

#define OFFSETS_MAX (1u << 20)	/* of a larger range, so many addresses are used when random ones fail */

static void service_listed(void *data, const struct etcd_result *res)
{
	struct op *op = data;
	const struct ip_range *range = &op->reg->services;
	ip_num last = ip_range_last(range);
	size_t first = (size_t)ip_range_dynamic(range), i;
	struct taken t = { .range = range };

	if (op_orphaned(op))
		return;
	if (res->err) {
		op->then(op, etcd_status(res));
		return;
	}
	t.n = last >= OFFSETS_MAX ? OFFSETS_MAX : (size_t)last + 1;
	t.bits = xcalloc(t.n / 8 + 1, 1);
	take(&t, 0);
	for (i = 0; i < res->n_kvs; i++) {
		int family;
		ip_num ip;

		if (!ip_parse(strrchr(res->kvs[i].key, '/') + 1, &family, &ip) && ip_range_contains(range, family, ip) &&
		    ip - range->base < t.n)
			take(&t, (size_t)(ip - range->base));
	}
	/* From the dynamic band upward, then the band that is kept for addresses asked for. */
	for (i = first; i < t.n && is_taken(&t, i); i++)
		;
	if (i == t.n)
		for (i = 1; i < first && is_taken(&t, i); i++)
			;
	if (i < t.n && !is_taken(&t, i)) {
		_cleanup_free_ char *key = service_ip_key(range->family, range->base + i);

		reserve(op, key);
	} else {
		op->then(op, status_internal("Internal error occurred: failed to allocate a serviceIP: range is full"));
	}
	free(t.bits);
}

static void list_services(struct op *op)
{
	static const struct etcd_range_opts keys = { .keys_only = true };
	_cleanup_free_ char *end = etcd_prefix_end(SERVICE_IP_PREFIX);

	etcd_range(op->reg->etcd, SERVICE_IP_PREFIX, end, &keys, service_listed, op);
}

static json *service_taken(struct op *op)
{
	return ip_refused(op, cluster_ip(op->next), "provided IP is already allocated");
}

static void service_reserved(struct op *op, bool won)
{
	const char *asked = cluster_ip(op->next);

	if (won) {
		const char *ip = strrchr(op->held_key, '/') + 1;

		set_cluster_ip(op->next, ip);
		op->then(op, NULL);
	} else if (*asked) {
		refuse_taken(op);
	} else if (op->probes < RANDOM_PROBES) {
		probe_service(op);
	} else {
		list_services(op);
	}
}

/*
 * One range of addresses makes one family, of which a service has one address:
 * another one's family is missing, whether it is named or follows from an address.
 */
static json *check_families(struct op *op)
{
	_cleanup_field_errors_ struct field_errors e = {0};
	const json *spec = json_get(op->next, "spec"), *ips = json_get(spec, "clusterIPs"), *families = json_get(spec, "ipFamilies");
	const char *ours = op->reg->services.family == AF_INET6 ? "IPv6" : "IPv4";
	int named = json_len(families), i = 0;

	if (op->sub || streq(cluster_ip(op->next), "None"))
		return NULL;
	json_each(ip, ips) {
		_cleanup_free_ char *path = xasprintf("spec.clusterIPs[%d]", i), *why = NULL;
		const char *family = strchr(json_str_or(ip, ""), ':') ? "IPv6" : "IPv4";

		if (i++ < named || streq(family, ours))
			continue;
		why = xasprintf("%s is not configured on this cluster", family);
		field_invalid_json(&e, path, ips, why);
	}
	if (e.n)
		return status_invalid(op->k->res, name_of(op->next), &e);
	if (streq(json_str(json_get(spec, "ipFamilyPolicy")), "RequireDualStack"))
		field_invalid_str(&e, "spec.ipFamilyPolicy", "RequireDualStack",
				  "this cluster is not configured for dual-stack services");
	i = 0;
	json_each(f, families) {
		_cleanup_free_ char *path = xasprintf("spec.ipFamilies[%d]", i++);

		if (!streq(json_str(f), ours))
			field_invalid(&e, path, f, "not configured on this cluster");
	}
	return e.n ? status_invalid(op->k->res, name_of(op->next), &e) : NULL;
}

static void reserve_service(struct op *op)
{
	const char *ip = cluster_ip(op->next);
	_cleanup_free_ char *copy = xstrdup(ip), *key = NULL, *range = NULL, *why = NULL;
	ip_num n;
	int family;
	json *s;

	if (streq(json_str(json_get(op->next, "spec", "type")), "ExternalName")) {
		op->then(op, NULL);
	} else if ((s = check_families(op))) {
		op->then(op, s);
	} else if (streq(ip, "None")) {
		set_cluster_ip(op->next, copy);
		op->then(op, NULL);
	} else if (!*ip) {
		probe_service(op);
	} else if (op->cur && streq(ip, cluster_ip(op->cur))) {
		op->then(op, NULL);
	} else if (ip_parse(ip, &family, &n) || !ip_range_contains(&op->reg->services, family, n) ||
		   n == op->reg->services.base || n - op->reg->services.base > ip_range_last(&op->reg->services)) {
		range = ip_range_format(&op->reg->services);
		why = xasprintf("the provided IP (%s) is not in the valid range. The range of valid IPs is %s", ip, range);
		op->then(op, ip_refused(op, ip, why));
	} else {
		key = service_ip_key(family, n);
		reserve(op, key);
	}
}

/* --- pod prefixes ------------------------------------------------------------------------ */

static const char *pod_cidr(const json *node)
{
	const json *list = json_get(node, "spec", "podCIDRs");
	const char *cidr = json_str_or(json_get(node, "spec", "podCIDR"), "");

	return *cidr || !json_len(list) ? cidr : json_str_or(list->child, "");
}

static void set_pod_cidr(json *node, const char *cidr)
{
	json *spec = json_obj(node, "spec"), *list = json_new_array();

	json_set_str(spec, "podCIDR", cidr);
	json_append(list, json_new_str(cidr));
	json_set(spec, "podCIDRs", list);
}

/* "10.244.1.0-24" at the end of a key */
static int key_range(const char *key, struct ip_range *ret)
{
	_cleanup_free_ char *text = xstrdup(strrchr(key, '/') + 1);
	char *dash = strrchr(text, '-');

	if (!dash)
		return -EINVAL;
	*dash = '/';
	return ip_range_parse(text, ret);
}

#define BLOCKS_MAX (1u << 20)

static void nodes_listed(void *data, const struct etcd_result *res)
{
	struct op *op = data;
	const struct ip_range *pods = &op->reg->pods;
	int len = op->reg->node_prefix_len;
	uint32_t n = ip_range_blocks(pods, len), index, i;
	struct ip_range held;
	struct taken t = {0};

	if (op_orphaned(op))
		return;
	if (res->err) {
		op->then(op, etcd_status(res));
		return;
	}
	t.n = n < BLOCKS_MAX ? n : BLOCKS_MAX;
	t.bits = xcalloc(t.n / 8 + 1, 1);
	for (size_t k = 0; k < res->n_kvs; k++)
		if (!key_range(res->kvs[k].key, &held) && !ip_range_block_index(pods, len, &held, &index))
			take(&t, index);
	for (i = 0; i < t.n && is_taken(&t, i); i++)
		;
	if (i < t.n) {
		struct ip_range block = ip_range_block(pods, len, i);
		_cleanup_free_ char *key = pod_cidr_key(&block);

		reserve(op, key);
	} else {
		op->then(op, status_internal("Internal error occurred: failed to allocate a pod prefix for node %s: "
					     "every prefix of the cluster's range is held by a node", op->name ? op->name :
					     name_of(op->next)));
	}
	free(t.bits);
}

static void list_nodes(struct op *op)
{
	static const struct etcd_range_opts keys = { .keys_only = true };
	_cleanup_free_ char *end = etcd_prefix_end(POD_CIDR_PREFIX);

	etcd_range(op->reg->etcd, POD_CIDR_PREFIX, end, &keys, nodes_listed, op);
}

static json *node_taken(struct op *op)
{
	_cleanup_field_errors_ struct field_errors e = {0};

	field_invalid_str(&e, "spec.podCIDR", pod_cidr(op->next), "another node holds this prefix");
	return status_invalid(op->k->res, name_of(op->next), &e);
}

static void node_reserved(struct op *op, bool won)
{
	const char *asked = pod_cidr(op->next);
	struct ip_range r;

	if (won && !key_range(op->held_key, &r)) {
		_cleanup_free_ char *text = ip_range_format(&r);

		set_pod_cidr(op->next, text);
		op->then(op, NULL);
	} else if (*asked) {
		refuse_taken(op);
	} else {
		list_nodes(op);
	}
}

static void reserve_node(struct op *op)
{
	const char *cidr = pod_cidr(op->next);
	_cleanup_free_ char *key = NULL;
	struct ip_range r;
	uint32_t index;

	if (op->cur && streq(cidr, pod_cidr(op->cur)) && *cidr) {
		op->then(op, NULL);
	} else if (!*cidr) {
		list_nodes(op);
	} else if (ip_range_parse(cidr, &r) || ip_range_block_index(&op->reg->pods, op->reg->node_prefix_len, &r, &index)) {
		/* A prefix from elsewhere is the user's own business. */
		op->then(op, NULL);
	} else {
		key = pod_cidr_key(&r);
		reserve(op, key);
	}
}

/* --- both --------------------------------------------------------------------------------- */

/* Is this the reservation of an object of op's name, and of no other uid if op has one to change? */
static bool is_own(struct op *op, const struct etcd_kv *kv)
{
	_cleanup_json_ json *r = NULL;
	const json *p;

	if (json_parse(kv->value, kv->value_len, &r, NULL))
		return false;
	p = json_get(r, "spec", "parentRef");
	return streq(json_str_or(json_get(p, "group"), ""), op->k->res->group) &&
	       streq(json_str(json_get(p, "resource")), op->k->res->plural) &&
	       streq(json_str_or(json_get(p, "namespace"), ""), op->ns ? op->ns : "") &&
	       streq(json_str(json_get(p, "name")), name_of(op->next)) &&
	       (!op->cur || streq(json_str(json_get(r, "metadata", "annotations", OWNER_UID)),
				  json_str(json_get(op->cur, "metadata", "uid"))));
}

static void refuse(struct op *op)
{
	op->then(op, op->k->rules->allots == ALLOT_SERVICE_IP ? service_taken(op) : node_taken(op));
}

static void reserved(struct op *op, bool won)
{
	if (op->k->rules->allots == ALLOT_SERVICE_IP)
		service_reserved(op, won);
	else
		node_reserved(op, won);
}

/* A dry run looks whether it could have it, and holds nothing. */
static void reserve_dry(void *data, const struct etcd_result *res)
{
	struct op *op = data;

	if (op_orphaned(op))
		return;
	if (res->err)
		op->then(op, etcd_status(res));
	else
		reserved(op, !res->n_kvs);
}

/*
 * What is taken over is not noted as held: should another server write the
 * object meanwhile, it counts on the reservation and must not lose it.
 */
static void take_over_done(void *data, const struct etcd_result *res)
{
	struct op *op = data;

	if (op_orphaned(op))
		return;
	op->leftover = 0;
	if (res->err)
		op->then(op, etcd_status(res));
	else if (res->succeeded)
		reserved(op, true);
	else
		refuse(op);
}

static void take_over(struct op *op)
{
	_cleanup_free_ char *text = reservation_text(op->held_key, op->k->res, op->next);

	etcd_txn_put(op->reg->etcd, op->held_key, op->leftover, text, strlen(text), 0, take_over_done, op);
}

static void taken_by_itself(void *data, const struct etcd_result *res)
{
	struct op *op = data;

	if (op_orphaned(op))
		return;
	if (res->err)
		op->then(op, etcd_status(res));
	else if (res->n_kvs)
		op->then(op, status_exists(op->k->res, name_of(op->next)));
	else if (op->leftover)
		take_over(op);
	else
		refuse(op);
}

/* What was asked for is held: by the very object, if that is being written once more. */
static void refuse_taken(struct op *op)
{
	if (op->write.dry_run)
		refuse(op);
	else if (!op->cur)
		etcd_range(op->reg->etcd, op->key, NULL, NULL, taken_by_itself, op);
	else if (op->leftover)
		take_over(op);
	else
		refuse(op);
}

static void reserve_done(void *data, const struct etcd_result *res)
{
	struct op *op = data;

	if (op_orphaned(op))
		return;
	if (res->err) {
		op->then(op, etcd_status(res));
		return;
	}
	if (res->succeeded)
		hold(op, op->held_key, res->revision);
	else if (res->n_kvs && is_own(op, &res->kvs[0]))
		op->leftover = res->kvs[0].mod_revision;
	reserved(op, res->succeeded);
}

void alloc_reserve(struct op *op, void (*then)(struct op *op, json *status))
{
	op->then = then;
	op->probes = 0;
	if (op->k->rules->allots == ALLOT_SERVICE_IP)
		reserve_service(op);
	else if (op->k->rules->allots == ALLOT_POD_CIDR)
		reserve_node(op);
	else
		then(op, NULL);
}

/* The reservation of an object, or NULL; caller frees. */
static char *key_of(struct op *op, const json *obj)
{
	struct ip_range r;
	uint32_t index;
	ip_num ip;
	int family;

	if (!obj)
		return NULL;
	if (op->k->rules->allots == ALLOT_SERVICE_IP && !ip_parse(cluster_ip(obj), &family, &ip) &&
	    ip_range_contains(&op->reg->services, family, ip))
		return service_ip_key(family, ip);
	if (op->k->rules->allots == ALLOT_POD_CIDR && !ip_range_parse(pod_cidr(obj), &r) &&
	    !ip_range_block_index(&op->reg->pods, op->reg->node_prefix_len, &r, &index))
		return pod_cidr_key(&r);
	return NULL;
}

static void released(void *data, const struct etcd_result *res)
{
	struct op *op = data;

	/* A failure here leaves a key that maintenance takes away. */
	if (!op_orphaned(op))
		op->then(op, NULL);
}

static void release_found(void *data, const struct etcd_result *res)
{
	struct op *op = data;
	_cleanup_free_ char *owner = NULL;

	if (op_orphaned(op))
		return;
	owner = res->err || !res->n_kvs ? xstrdup("") : reservation_owner(&res->kvs[0]);
	if (streq(owner, json_str(json_get(op->cur, "metadata", "uid"))))
		etcd_txn_put(op->reg->etcd, res->kvs[0].key, res->kvs[0].mod_revision, NULL, 0, 0, released, op);
	else
		op->then(op, NULL);
}

void alloc_release(struct op *op, void (*then)(struct op *op, json *status))
{
	_cleanup_free_ char *had = key_of(op, op->cur), *has = key_of(op, op->next);

	op->then = then;
	if (!had || streq(had, has))
		then(op, NULL);
	else
		etcd_range(op->reg->etcd, had, NULL, NULL, release_found, op);
}
