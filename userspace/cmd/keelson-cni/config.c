// SPDX-License-Identifier: GPL-2.0-or-later
/* config.c - see config.h */
#include "cmd/keelson-cni/config.h"

#include <ctype.h>
#include <linux/if.h>

#define DEFAULT_STATE_DIR "/run/keelson"

const char *const cni_versions[] = { "0.3.0", "0.3.1", "0.4.0", CNI_NEWEST_VERSION, NULL };

int cni_fail(struct cni_error *e, enum cni_code code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	e->code = code;
	e->msg = xvasprintf(fmt, ap);
	va_end(ap);
	return -1;
}

/* --- environment ---------------------------------------------------------- */

static bool valid_container_id(const char *s)
{
	if (!isalnum((unsigned char)*s))
		return false;
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("_.-", *s))
			return false;
	return true;
}

static bool valid_ifname(const char *s)
{
	if (!*s || strlen(s) >= IFNAMSIZ || streq(s, ".") || streq(s, ".."))
		return false;
	for (; *s; s++)
		if (*s == '/' || *s == ':' || isspace((unsigned char)*s))
			return false;
	return true;
}

static const char *get_nonempty(char *(*get)(const char *), const char *name)
{
	const char *s = get(name);

	return s && *s ? s : NULL;
}

int cni_env_read(char *(*get)(const char *), struct cni_env *ret, struct cni_error *e)
{
	static const char *const names[] = {
		[CNI_ADD] = "ADD", [CNI_DEL] = "DEL", [CNI_CHECK] = "CHECK", [CNI_VERSION] = "VERSION",
	};
	const char *command = get_nonempty(get, "CNI_COMMAND");
	struct cni_env env = { 0 };
	size_t i;

	if (!command)
		return cni_fail(e, CNI_ERR_INVALID_ENV, "CNI_COMMAND is missing");
	for (i = 0; i < ARRAY_SIZE(names) && !streq(names[i], command); i++)
		;
	if (i == ARRAY_SIZE(names))
		return cni_fail(e, CNI_ERR_INVALID_ENV, "CNI_COMMAND %s is none of ADD, DEL, CHECK, VERSION", command);
	env.command = i;
	if (env.command != CNI_VERSION) {
		env.container_id = get_nonempty(get, "CNI_CONTAINERID");
		env.netns = get_nonempty(get, "CNI_NETNS");
		env.ifname = get_nonempty(get, "CNI_IFNAME");
		if (!env.container_id)
			return cni_fail(e, CNI_ERR_INVALID_ENV, "CNI_CONTAINERID is missing");
		if (!valid_container_id(env.container_id))
			return cni_fail(e, CNI_ERR_INVALID_ENV, "CNI_CONTAINERID %s is no container ID",
					env.container_id);
		if (!env.ifname)
			return cni_fail(e, CNI_ERR_INVALID_ENV, "CNI_IFNAME is missing");
		if (!valid_ifname(env.ifname))
			return cni_fail(e, CNI_ERR_INVALID_ENV, "CNI_IFNAME %s is no interface name", env.ifname);
		if (!env.netns && env.command != CNI_DEL)
			return cni_fail(e, CNI_ERR_INVALID_ENV, "CNI_NETNS is missing");
	}
	*ret = env;
	return 0;
}

/* --- network configuration ------------------------------------------------ */

static int invalid(struct cni_error *e, const char *fmt, ...) PRINTF(2, 3);
static int invalid(struct cni_error *e, const char *fmt, ...)
{
	_cleanup_free_ char *what = NULL;
	va_list ap;

	va_start(ap, fmt);
	what = xvasprintf(fmt, ap);
	va_end(ap);
	return cni_fail(e, CNI_ERR_INVALID_CONFIG, "invalid network config: %s", what);
}

static int read_version(struct cni_config *c, struct cni_error *e)
{
	/* The specification before 0.3 let it be absent. */
	c->version = json_str_or(json_get(c->doc, "cniVersion"), "0.2.0");
	for (size_t i = 0; cni_versions[i]; i++)
		if (streq(cni_versions[i], c->version))
			return 0;
	return cni_fail(e, CNI_ERR_INCOMPATIBLE_VERSION,
			"cniVersion %s is not supported (0.3.0, 0.3.1, 0.4.0 and 1.0.0 are)", c->version);
}

static int read_subnet(struct cni_config *c, struct cni_error *e)
{
	const json *j = json_get(c->doc, "subnet");
	const char *text = json_str(j);

	if (!j)
		return invalid(e, "subnet is missing");
	if (!text || net_prefix_parse(text, &c->subnet.addr, &c->subnet.len) < 0)
		return invalid(e, "subnet %s is no prefix such as \"10.244.1.0/24\" (host bits must be zero)",
			       text ? text : "(not a string)");
	if (c->subnet.addr.len != 4)
		return invalid(e, "subnet %s is not IPv4", text);
	if (c->subnet.len > 30)
		return invalid(e, "subnet %s has no room for pods", text);
	return 0;
}

static int read_gateway(struct cni_config *c, struct cni_error *e)
{
	const json *j = json_get(c->doc, "gateway");
	const char *text = json_str(j);

	if (!j)
		return net_prefix_nth(&c->subnet.addr, c->subnet.len, 1, &c->gateway);
	if (!text || net_addr_parse(text, &c->gateway) < 0)
		return invalid(e, "gateway %s is no IP address", text ? text : "(not a string)");
	if (!net_prefix_contains(&c->subnet.addr, c->subnet.len, &c->gateway))
		return invalid(e, "gateway %s is not in the subnet", text);
	return 0;
}

static int read_rest(struct cni_config *c, struct cni_error *e)
{
	const json *mtu = json_get(c->doc, "mtu"), *dir = json_get(c->doc, "stateDir");
	int64_t n = json_int(mtu, 0);

	if (mtu && (!json_is_int(mtu) || (n && (n < 68 || n > 65535))))
		return invalid(e, "mtu is no number from 68 to 65535 (0: the datapath's)");
	c->mtu = n;
	c->state_dir = json_str_or(dir, DEFAULT_STATE_DIR);
	if ((dir && !json_str(dir)) || c->state_dir[0] != '/')
		return invalid(e, "stateDir is no absolute path");
	c->prev_result = json_get(c->doc, "prevResult");
	return 0;
}

int cni_config_parse(const char *text, size_t len, enum cni_command command, struct cni_config *ret,
		     struct cni_error *e)
{
	_cleanup_free_ char *why = NULL;
	struct cni_config c = { 0 };
	int res;

	if (json_parse(text, len, &c.doc, &why) < 0)
		return cni_fail(e, CNI_ERR_DECODE, "network config: %s", why);
	if (!json_is_object(c.doc)) {
		cJSON_Delete(c.doc);
		return cni_fail(e, CNI_ERR_DECODE, "network config: it is no JSON object");
	}
	res = command == CNI_VERSION ? 0 : read_version(&c, e);
	if (res == 0 && (command == CNI_ADD || command == CNI_CHECK)) {
		res = read_subnet(&c, e);
		if (res == 0)
			res = read_gateway(&c, e);
	}
	if (res == 0 && command != CNI_VERSION)
		res = read_rest(&c, e);
	if (res == 0 && command == CNI_CHECK && !c.prev_result)
		res = invalid(e, "prevResult is missing");
	if (res == 0 && command == CNI_CHECK && startswith(c.version, "0.3."))
		res = cni_fail(e, CNI_ERR_INCOMPATIBLE_VERSION, "cniVersion %s has no CHECK", c.version);
	if (res < 0) {
		cJSON_Delete(c.doc);
		return res;
	}
	*ret = c;
	return 0;
}

void cni_config_free(struct cni_config *c)
{
	cJSON_Delete(c->doc);
	*c = (struct cni_config){ 0 };
}
