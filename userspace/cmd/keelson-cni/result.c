// SPDX-License-Identifier: GPL-2.0-or-later
/* result.c - see result.h */
#include "cmd/keelson-cni/result.h"

json *cni_result(const struct cni_config *c, const struct cni_env *env, const struct net_addr *addr,
		 const uint8_t mac[6])
{
	static const uint8_t none[6];
	json *j = json_new_object(), *interface = json_new_object(), *ip = json_new_object();
	json *interfaces = json_new_array(), *ips = json_new_array();
	char text[NET_PREFIX_STRLEN];

	json_set_str(j, "cniVersion", c->version);

	json_set_str(interface, "name", env->ifname);
	if (memcmp(mac, none, 6) != 0) {
		net_mac_format(mac, text);
		json_set_str(interface, "mac", text);
	}
	json_set_str(interface, "sandbox", env->netns);
	json_append(interfaces, interface);
	json_set(j, "interfaces", interfaces);

	/* Before 1.0 each address said which IP it is of. */
	if (startswith(c->version, "0."))
		json_set_str(ip, "version", addr->len == 4 ? "4" : "6");
	json_set_int(ip, "interface", 0);
	net_prefix_format(addr, addr->len * 8, text);
	json_set_str(ip, "address", text);
	net_addr_format(&c->gateway, text);
	json_set_str(ip, "gateway", text);
	json_append(ips, ip);
	json_set(j, "ips", ips);

	json_set(j, "routes", json_build("[{\"dst\":\"%s\"}]", addr->len == 4 ? "0.0.0.0/0" : "::/0"));
	json_set(j, "dns", json_new_object());
	return j;
}

json *cni_loopback_result(const struct cni_config *c, const struct cni_env *env)
{
	bool old = startswith(c->version, "0.");
	json *j = json_build("{\"cniVersion\":\"%s\",\"interfaces\":[{\"name\":\"lo\",\"mac\":\"00:00:00:00:00:00\"}],"
			     "\"ips\":[{%s\"interface\":0,\"address\":\"127.0.0.1/8\"}],\"dns\":{}}",
			     c->version, old ? "\"version\":\"4\"," : "");

	json_set_str(json_get(j, "interfaces")->child, "sandbox", env->netns);
	return j;
}

json *cni_version_result(const char *asked)
{
	json *j = json_new_object(), *versions = json_new_array();

	json_set_str(j, "cniVersion", asked ? asked : CNI_NEWEST_VERSION);
	for (size_t i = 0; cni_versions[i]; i++)
		json_append(versions, json_new_str(cni_versions[i]));
	json_set(j, "supportedVersions", versions);
	return j;
}

json *cni_error_result(const char *version, const struct cni_error *e)
{
	json *j = json_new_object();

	json_set_str(j, "cniVersion", version ? version : CNI_NEWEST_VERSION);
	json_set_int(j, "code", e->code);
	json_set_str(j, "msg", e->msg);
	return j;
}

/* The index of our interface in prevResult, or -1. */
static int interface_index(const struct cni_config *c, const struct cni_env *env)
{
	int i = 0;

	json_each(it, json_get(c->prev_result, "interfaces")) {
		const char *sandbox = json_str(json_get(it, "sandbox"));

		if (sandbox && *sandbox && streq(json_str(json_get(it, "name")), env->ifname))
			return i;
		i++;
	}
	return -1;
}

int cni_result_addrs(const struct cni_config *c, const struct cni_env *env, struct net_addr *addrs, size_t max,
		     struct cni_error *e)
{
	int ours = interface_index(c, env);
	size_t n = 0;

	if (ours < 0)
		return cni_fail(e, CNI_ERR_INVALID_CONFIG,
				"invalid network config: prevResult has no interface %s in a sandbox", env->ifname);
	json_each(it, json_get(c->prev_result, "ips")) {
		const char *text = json_str(json_get(it, "address"));
		_cleanup_free_ char *bare = text ? xstrndup(text, strcspn(text, "/")) : NULL;

		if (json_int(json_get(it, "interface"), -1) != ours)
			continue;
		if (n == max || !bare || net_addr_parse(bare, &addrs[n++]) < 0)
			return cni_fail(e, CNI_ERR_INVALID_CONFIG,
					"invalid network config: prevResult: address %s cannot be read",
					text ? text : "(not a string)");
	}
	if (!n)
		return cni_fail(e, CNI_ERR_INVALID_CONFIG,
				"invalid network config: prevResult has no address for %s", env->ifname);
	return n;
}
