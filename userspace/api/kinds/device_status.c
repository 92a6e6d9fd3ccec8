// SPDX-License-Identifier: GPL-2.0-or-later
/* device_status.c - which devices a ResourceClaim has got, and who uses them */
#include <arpa/inet.h>

#include "api/kinds/device.h"
#include "api/meta/validate_net.h"
#include "api/meta/validate_text.h"

#define MAX_RESULTS 32
#define MAX_USERS 256
#define MAX_CONDITIONS 8
#define MAX_DATA (10 * 1024)
#define MAX_IPS 16
#define MAX_INTERFACE 256
#define MAX_HARDWARE 128

/* driver/pool/device, and which share of it. */
static bool same_device(const json *a, const json *b)
{
	static const char *const keys[] = { "driver", "pool", "device", "shareID" };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (!streq(json_str_or(json_get(a, keys[i]), ""), json_str_or(json_get(b, keys[i]), "")))
			return false;
	return true;
}

static char *device_text(const json *d)
{
	const char *share = text_of(d, "shareID");

	return xasprintf("%s/%s/%s%s%s", json_str_or(json_get(d, "driver"), ""), json_str_or(json_get(d, "pool"), ""),
			 json_str_or(json_get(d, "device"), ""), share ? "/" : "", share ?: "");
}

static bool is_allocated(const json *claim, const json *device)
{
	json_each(r, json_get(claim, "status", "allocation", "devices", "results"))
		if (same_device(r, device))
			return true;
	return false;
}

/* What a device that was given back said of itself goes with it. */
void device_prepare_status(const json *cur, json *next)
{
	json *devices = json_get(next, "status", "devices");

	for (json *d = devices ? devices->child : NULL, *after; d; d = after) {
		after = d->next;
		if (is_allocated(cur, d) && !is_allocated(next, d))
			cJSON_Delete(cJSON_DetachItemViaPointer(devices, d));
	}
	if (devices && !devices->child)
		json_del(json_get(next, "status"), "devices");
}

/* --- what is allocated ----------------------------------------------------------------------------------- */

static void result(const json *claim, const json *r, const char *path, struct field_errors *e)
{
	const char *share = json_str(json_get(r, "shareID"));
	int i = 0;
	PATH(request, "%s.request", path);
	PATH(driver, "%s.driver", path);
	PATH(pool, "%s.pool", path);
	PATH(device, "%s.device", path);
	PATH(share_path, "%s.shareID", path);

	device_request_name(claim, json_str_or(json_get(r, "request"), ""), request, e);
	device_driver_name(json_str_or(json_get(r, "driver"), ""), driver, e);
	device_pool_name(json_str_or(json_get(r, "pool"), ""), pool, e);
	check_text(json_str_or(json_get(r, "device"), ""), invalid_dns1123_label, device, e);
	device_binding(r, path, e);
	json_each(t, json_get(r, "tolerations")) {
		PATH(p, "%s.tolerations[%d]", path, i++);

		device_toleration(t, p, e);
	}
	if (share)
		device_uid(share, share_path, e);
}

static void allocation(const json *claim, const json *a, const char *path, struct field_errors *e)
{
	const json *results = json_get(a, "devices", "results"), *configs = json_get(a, "devices", "config");
	int i = 0;
	PATH(results_path, "%s.devices.results", path);
	PATH(configs_path, "%s.devices.config", path);
	PATH(selector, "%s.nodeSelector", path);

	if (at_most(results, MAX_RESULTS, results_path, e))
		json_each(r, results) {
			PATH(p, "%s[%d]", results_path, i++);

			result(claim, r, p, e);
		}
	i = 0;
	/* those of the class and of the claim */
	if (at_most(configs, 2 * DEVICE_MAX_CONFIGS, configs_path, e))
		json_each(c, configs) {
			PATH(p, "%s[%d]", configs_path, i++);

			validate_enum(c, "source", "FromClaim,FromClass", p, e);
			device_request_names(claim, c, p, e);
			device_config(c, false, p, e);
		}
	if (json_get(a, "nodeSelector"))
		device_node_selector(json_get(a, "nodeSelector"), selector, e);
}

/* --- what devices say ------------------------------------------------------------------------------------- */

static void interface_address(const json *ip, const char *path, struct field_errors *e)
{
	const char *s = json_str_or(ip, "");
	char address[INET6_ADDRSTRLEN];
	struct net_prefix p;

	if (parse_cidr_loosely(s, &p)) {
		field_invalid_str(e, path, s, "must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)");
	} else if (inet_ntop(p.family == 4 ? AF_INET : AF_INET6, p.addr, address, sizeof(address))) {
		PATH(canonical, "%s/%d", address, p.len);
		PATH(why, "must be in canonical form (\"%s\")", canonical);

		if (!streq(s, canonical))
			field_invalid_str(e, path, s, why);
	}
}

static void network_data(const json *n, const char *path, struct field_errors *e)
{
	const json *ips = json_get(n, "ips");
	int i = 0;
	PATH(interface, "%s.interfaceName", path);
	PATH(hardware, "%s.hardwareAddress", path);
	PATH(ips_path, "%s.ips", path);

	if (strlen(json_str_or(json_get(n, "interfaceName"), "")) > MAX_INTERFACE)
		field_too_long(e, interface, MAX_INTERFACE);
	if (strlen(json_str_or(json_get(n, "hardwareAddress"), "")) > MAX_HARDWARE)
		field_too_long(e, hardware, MAX_HARDWARE);
	if (!at_most(ips, MAX_IPS, ips_path, e))
		return;
	json_each(ip, ips) {
		PATH(p, "%s[%d]", ips_path, i++);

		interface_address(ip, p, e);
	}
	device_unique(ips, NULL, ips_path, e);
}

static void device_status(const json *claim, const json *d, const char *path, struct field_errors *e)
{
	const char *share = json_str(json_get(d, "shareID"));
	const json *data = json_get(d, "data");
	_cleanup_free_ char *text = device_text(d);
	PATH(driver, "%s.driver", path);
	PATH(pool, "%s.pool", path);
	PATH(device, "%s.device", path);
	PATH(share_path, "%s.shareID", path);
	PATH(conditions, "%s.conditions", path);
	PATH(data_path, "%s.data", path);
	PATH(network, "%s.networkData", path);

	device_driver_name(json_str_or(json_get(d, "driver"), ""), driver, e);
	device_pool_name(json_str_or(json_get(d, "pool"), ""), pool, e);
	check_text(json_str_or(json_get(d, "device"), ""), invalid_dns1123_label, device, e);
	if (share)
		device_uid(share, share_path, e);
	if (!is_allocated(claim, d))
		field_invalid_str(e, path, text, "must be an allocated device in the claim");
	at_most(json_get(d, "conditions"), MAX_CONDITIONS, conditions, e);
	validate_conditions(json_get(d, "conditions"), conditions, e);
	if (data)
		device_raw_object(data, MAX_DATA, false, data_path, e);
	network_data(json_get(d, "networkData"), network, e);
}

static void devices(const json *claim, struct field_errors *e)
{
	const json *list = json_get(claim, "status", "devices");
	int i = 0;

	json_each(d, list) {
		PATH(p, "status.devices[%d]", i++);

		device_status(claim, d, p, e);
	}
	i = 0;
	json_each(d, list) {
		const json *b = list->child;
		_cleanup_free_ char *text = device_text(d);
		PATH(p, "status.devices[%d]", i++);

		while (b != d && !same_device(b, d))
			b = b->next;
		if (b != d)
			field_duplicate(e, p, text);
	}
}

/* --- who uses them ------------------------------------------------------------------------------------------ */

static void users(const json *list, struct field_errors *e)
{
	int i = 0;

	if (!at_most(list, MAX_USERS, "status.reservedFor", e))
		return;
	json_each(u, list) {
		PATH(p, "status.reservedFor[%d]", i++);

		need_text(u, "resource", p, NULL, e);
		need_text(u, "name", p, NULL, e);
		need_text(u, "uid", p, NULL, e);
	}
	device_unique(list, "uid", "status.reservedFor", e);
}

static bool among(const json *list, const json *user)
{
	json_each(u, list)
		if (json_equal(u, user))
			return true;
	return false;
}

/* Nobody comes to a claim that goes. */
static void newcomers(const json *new, const json *old, struct field_errors *e)
{
	json_each(u, json_get(new, "status", "reservedFor"))
		if (!among(json_get(old, "status", "reservedFor"), u)) {
			field_forbidden(e, "status.reservedFor",
					"new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set");
			return;
		}
}

void device_validate_status(const json *new, const json *old, struct field_errors *e)
{
	const json *a = json_get(new, "status", "allocation"), *was = json_get(old, "status", "allocation");
	const json *list = json_get(new, "status", "reservedFor");

	users(list, e);
	devices(new, e);
	if (json_len(list) && !a)
		field_forbidden(e, "status.reservedFor", "may not be specified when `allocated` is not set");
	else if (json_len(list) && json_get(new, "metadata", "deletionTimestamp"))
		newcomers(new, old, e);
	if (a && was)
		validate_immutable(a, was, "status.allocation", e);
	else if (a)
		allocation(json_get(new, "spec", "devices"), a, "status.allocation", e);
}
