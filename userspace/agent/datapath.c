// SPDX-License-Identifier: GPL-2.0-or-later
/* datapath.c - see datapath.h */
#include "agent/datapath.h"

#include <errno.h>
#include <sys/random.h>

#include "api/meta/view_meta.h"
#include "base/log.h"
#include "base/loop.h"

#define CNI_PLUGIN	"keelson-cni"		/* the runtime looks for a program of this name */
#define DEBOUNCE_US	20000			/* events that come together make one plan */
#define RETRY_US	(1000 * 1000)
#define CHECK_US	(5ULL * 1000 * 1000)	/* is what was programmed still there? */
#define RESYNC_US	(300ULL * 1000 * 1000)

struct datapath {
	struct datapath_config c;
	struct keelson_nl *nl;		/* NULL: the family is not there */
	struct loop_timer sync_timer, check_timer;
	struct net_plan plan;		/* in the kernel now, if planned */
	bool planned;
	bool node_applied;		/* keelson0, routes, masquerade */
	char *pod_cidr;			/* as applied */
	uint64_t full_us;		/* monotonic, of the last whole resync */
	char *problem;			/* as last told */
	char *plan_problems;		/* as last logged */
	char *refused;			/* by the kernel, as last logged */
};

static void tell(struct datapath *d, const char *problem)
{
	if (streq(d->problem, problem))
		return;
	if (problem)
		log_warn("datapath: %s", problem);
	else
		log_info("datapath is programmed, pod prefix %s", d->pod_cidr);
	free(d->problem);
	d->problem = problem ? xstrdup(problem) : NULL;
	d->c.changed(d->c.data, problem);
}

/* From now on nothing is taken for granted. */
static void forget(struct datapath *d)
{
	if (d->planned)
		net_plan_free(&d->plan);
	d->planned = false;
	d->node_applied = false;
	keelson_nl_close(d->nl);
	d->nl = NULL;
}

/* Takes msg; what NULL: msg says it all. */
static void failed(struct datapath *d, const char *what, char *msg, int r)
{
	_cleanup_free_ char *why = msg;
	_cleanup_free_ char *problem = what ? xasprintf("%s: %s", what, msg ?: strerror(-r)) :
				       xstrdup(msg ?: strerror(-r));

	forget(d);
	tell(d, problem);
	loop_timer_start_by(&d->sync_timer, RETRY_US);
}

/* --- the CNI configuration --- */

char *datapath_cni_conf(const char *pod_cidr, const char *state_dir)
{
	_cleanup_json_ json *conf = json_build("{\"cniVersion\":\"1.0.0\",\"name\":\"keelson\",\"plugins\":[{\"type\":\"" CNI_PLUGIN "\"}]}");
	json *plugin = json_get(conf, "plugins")->child;

	json_set_str(plugin, "subnet", pod_cidr);
	json_set_str(plugin, "stateDir", state_dir);
	return json_print_pretty(conf);
}

static int write_cni_conf(struct datapath *d, char **ret_msg)
{
	_cleanup_free_ char *path = xasprintf("%s/10-keelson.conflist", d->c.cni_conf_dir);
	_cleanup_free_ char *state = xasprintf("%s/cni", d->c.data_dir);
	_cleanup_free_ char *text = datapath_cni_conf(d->pod_cidr, state), *have = NULL;
	int r = mkdir_p(d->c.cni_conf_dir, 0755);

	if (read_file(path, 65536, &have, NULL) == 0 && streq(have, text))
		return 0;
	if (r == 0)
		r = write_file_atomic(path, text, strlen(text), 0644);
	if (r < 0)
		*ret_msg = xasprintf("%s: %s", path, strerror(-r));
	return r;
}

/* --- the plan --- */

static void make_plan(struct datapath *d, struct net_plan *plan)
{
	size_t n_nodes, n_services, n_slices;
	_cleanup_free_ const json **nodes = informer_list(d->c.nodes, NULL, &n_nodes);
	_cleanup_free_ const json **services = informer_list(d->c.services, NULL, &n_services);
	_cleanup_free_ const json **slices = informer_list(d->c.slices, NULL, &n_slices);
	struct buf problems = { 0 };
	_cleanup_free_ char *text = NULL;

	net_plan_make(d->c.node_name, nodes, n_nodes, services, n_services, slices, n_slices, plan);
	for (size_t i = 0; i < plan->n_problems; i++)
		buf_printf(&problems, "%s%s", i ? "; " : "", plan->problems[i]);
	text = buf_steal(&problems);
	if (*text && !streq(text, d->plan_problems))
		log_warn("datapath: left out: %s", text);
	free(d->plan_problems);
	d->plan_problems = TAKE_PTR(text);
}

/* Takes the text; one line whenever it says something new. */
static void note_refused(struct datapath *d, char *refused)
{
	if (refused && !streq(refused, d->refused))
		log_warn("datapath: the kernel refused: %s", refused);
	free(d->refused);
	d->refused = refused;
}

static int apply(struct datapath *d, char **ret_msg)
{
	uint64_t now = now_monotonic_us();
	bool whole = !d->planned || now - d->full_us >= RESYNC_US;
	char *refused = NULL;
	struct net_plan plan;
	int r = 0;

	make_plan(d, &plan);
	if (!whole) {
		r = net_apply_diff(d->nl, &d->plan, &plan, &refused, ret_msg);
		/* What is wrong now must not stay as it was when it was right: that takes a sweep. */
		if (r == 0 && refused) {
			free(TAKE_PTR(refused));
			whole = true;
		}
	}
	if (r == 0 && whole) {
		r = net_apply_plan(d->nl, &plan, &refused, ret_msg);
		d->full_us = now;
	}
	if (r < 0) {
		net_plan_free(&plan);
		return r;
	}
	if (whole)
		note_refused(d, refused);
	if (d->planned)
		net_plan_free(&d->plan);
	d->plan = plan;
	d->planned = true;
	return 0;
}

static bool find_pod_cidr(struct datapath *d)
{
	const json *node = informer_get(d->c.nodes, NULL, d->c.node_name);
	const char *cidr = json_str(json_get(node, "spec", "podCIDR"));

	if (!cidr || !*cidr)
		return false;
	if (!streq(cidr, d->pod_cidr)) {
		free(d->pod_cidr);
		d->pod_cidr = xstrdup(cidr);
		d->node_applied = false;
	}
	return true;
}

static void reconcile(void *data)
{
	struct datapath *d = data;
	char *msg = NULL;
	int r;

	if (!informer_synced(d->c.nodes) || !informer_synced(d->c.services) || !informer_synced(d->c.slices)) {
		loop_timer_start_by(&d->sync_timer, RETRY_US / 10);
		return;
	}
	if (!find_pod_cidr(d)) {
		tell(d, "the node has no pod prefix yet (spec.podCIDR)");
		return;		/* the Node's change wakes us */
	}
	if (!d->nl) {
		r = keelson_nl_open(&d->nl, &msg);
		if (r < 0) {
			d->nl = NULL;
			failed(d, NULL, msg, r);
			return;
		}
	}
	if (!d->node_applied || now_monotonic_us() - d->full_us >= RESYNC_US) {
		struct node_net net = d->c.net;

		net.pod_cidr = d->pod_cidr;
		r = net_apply_node(d->nl, &net, &msg);
		if (r < 0) {
			failed(d, "cannot set up the node's network", msg, r);
			return;
		}
		d->node_applied = true;
	}
	r = apply(d, &msg);
	if (r < 0) {
		failed(d, "cannot program the datapath", msg, r);
		return;
	}
	r = write_cni_conf(d, &msg);
	if (r < 0) {
		failed(d, "cannot write the CNI configuration", msg, r);
		return;
	}
	free(msg);
	tell(d, NULL);
}

/* A module that was taken away and loaded again remembers nothing. */
static void check(void *data)
{
	struct dp_overlay o;
	struct datapath *d = data;
	char *msg = NULL;
	int r;

	loop_timer_start(&d->check_timer, CHECK_US);
	if (!d->nl || !d->planned)
		return;
	r = keelson_nl_overlay_get(d->nl, &o, &msg);
	if (r < 0)
		failed(d, "the datapath is gone", msg, r);
	else if (now_monotonic_us() - d->full_us >= RESYNC_US)
		loop_timer_start_by(&d->sync_timer, 0);
}

/* Heartbeats change a Node's status and nothing a datapath is made of. */
static void on_node(void *data, const json *old, const json *new)
{
	struct datapath *d = data;

	if (old && new && json_equal(json_get(old, "spec"), json_get(new, "spec")) &&
	    json_equal(meta_annotations(old), meta_annotations(new)) &&
	    json_equal(json_get(old, "status", "addresses"), json_get(new, "status", "addresses")))
		return;
	loop_timer_start_by(&d->sync_timer, DEBOUNCE_US);
}

static void on_change(void *data, const json *old, const json *new)
{
	struct datapath *d = data;

	loop_timer_start_by(&d->sync_timer, DEBOUNCE_US);
}

/* --- the door --- */

struct datapath *datapath_new(const struct datapath_config *config)
{
	struct datapath *d = xnew0(struct datapath);

	d->c = *config;
	/* So that the first word is told, good or bad. */
	d->problem = xstrdup("the datapath is not programmed yet");
	informer_add_handler(d->c.nodes, on_node, d);
	informer_add_handler(d->c.services, on_change, d);
	informer_add_handler(d->c.slices, on_change, d);
	loop_timer_init(&d->sync_timer, d->c.loop, reconcile, d);
	loop_timer_init(&d->check_timer, d->c.loop, check, d);
	loop_timer_start(&d->sync_timer, 0);
	loop_timer_start(&d->check_timer, CHECK_US);
	return d;
}

void datapath_free(struct datapath *d)
{
	if (!d)
		return;
	loop_timer_stop(&d->sync_timer);
	loop_timer_stop(&d->check_timer);
	forget(d);
	free(d->pod_cidr);
	free(d->problem);
	free(d->plan_problems);
	free(d->refused);
	free(d);
}

int datapath_vtep_mac(const char *data_dir, uint8_t ret[6])
{
	_cleanup_free_ char *path = xasprintf("%s/vtep-mac", data_dir), *text = NULL;
	char mac[NET_MAC_STRLEN];
	uint8_t bytes[6];

	if (read_file(path, 64, &text, NULL) == 0) {
		text[strcspn(text, "\n")] = '\0';
		if (net_mac_parse(text, ret) == 0)
			return 0;
	}
	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return -EIO;
	bytes[0] = (uint8_t)((bytes[0] & 0xfc) | 0x02);	/* locally administered, one receiver */
	net_mac_format(bytes, mac);
	memcpy(ret, bytes, sizeof(bytes));
	return write_file_atomic(path, mac, strlen(mac), 0644);
}
