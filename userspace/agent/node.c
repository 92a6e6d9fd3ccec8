// SPDX-License-Identifier: GPL-2.0-or-later
/* node.c - see node.h */
#include "agent/node.h"

#include <errno.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include "api/kinds/kinds.h"
#include "base/log.h"
#include "base/loop.h"

#define LEASE_PERIOD_US		(10ULL * 1000000)
#define STATUS_PERIOD_US	(300ULL * 1000000)
#define RETRY_US		(1ULL * 1000000)
#define MEMORY_LOW		(100LL * 1024 * 1024)	/* bytes available below which pods are not welcome */
#define DISK_LOW_PERCENT	5
#define PIDS_LOW_PERCENT	5
#define SETTLE_US		(10ULL * 1000000)	/* a node that was Ready is not called otherwise on a guess */
#define MAX_PODS		110

struct node {
	struct node_config c;
	char *runtime_problem, *network_problem, *runtime_version;
	struct loop_timer lease_timer, status_timer;
	json *status;			/* last sent; NULL: send anew */
	uint64_t status_sent_us;	/* monotonic */
	bool registering, patching, status_in_flight, lease_in_flight;
	bool runtime_known, network_known;
	uint64_t begun_us;		/* monotonic; since when what the API has of the node is known; 0: not yet */
	bool complained;		/* one line per time of trouble with the API */
};

static const json *own_node(struct node *n)
{
	return informer_get(n->c.nodes, NULL, n->c.info.name);
}

static void complain(struct node *n, const char *what, const struct store_result *res)
{
	if (!n->complained)
		log_warn("cannot %s node %s: %s", what, n->c.info.name,
			 json_str_or(json_get(res->obj, "message"), strerror(-res->err)));
	n->complained = true;
}

/* --- registration --- */

static void on_created(void *data, const struct store_result *res)
{
	struct node *n = data;

	n->registering = false;
	if (res->err == 0) {
		log_info("registered node %s", n->c.info.name);
		n->complained = false;
	} else if (res->err != -EEXIST) {
		complain(n, "register", res);
	}
	loop_timer_start_by(&n->status_timer, res->err ? RETRY_US : 0);
}

static void on_patched(void *data, const struct store_result *res)
{
	struct node *n = data;

	n->patching = false;
	if (res->err < 0 && res->err != -ENOENT) {
		complain(n, "annotate", res);
		loop_timer_start_by(&n->status_timer, RETRY_US);
	}
}

/* True once the node is there and says who we are. */
static bool is_registered(struct node *n)
{
	const json *node = own_node(n);
	_cleanup_json_ json *obj = NULL;

	if (!informer_synced(n->c.nodes) || n->registering || n->patching)
		return false;
	if (!node) {
		obj = node_object_new(&n->c.info);
		n->registering = true;
		store_create(n->c.store, &res_nodes, NULL, n->c.info.name, NULL, obj, on_created, n);
		return false;
	}
	obj = node_metadata_patch(&n->c.info, node);
	if (obj) {
		n->patching = true;
		store_patch(n->c.store, &res_nodes, NULL, n->c.info.name, NULL, STORE_PATCH_MERGE, obj, on_patched, n);
	}
	return true;
}

/* --- status --- */

static bool is_memory_low(void)
{
	_cleanup_free_ char *text = NULL;
	long long kib;
	char *at;

	if (read_file("/proc/meminfo", 65536, &text, NULL) < 0)
		return false;
	at = strstr(text, "MemAvailable:");
	return at && sscanf(at, "MemAvailable: %lld", &kib) == 1 && kib * 1024 < MEMORY_LOW;
}

static bool is_disk_low(const char *dir)
{
	struct statvfs v;

	return statvfs(dir, &v) == 0 && v.f_blocks && v.f_bavail * 100 / v.f_blocks < DISK_LOW_PERCENT;
}

static bool are_pids_low(void)
{
	_cleanup_free_ char *load = NULL, *max = NULL;
	long used, limit;

	if (read_file("/proc/loadavg", 256, &load, NULL) < 0 ||
	    read_file("/proc/sys/kernel/pid_max", 64, &max, NULL) < 0 ||
	    sscanf(load, "%*s %*s %*s %*d/%ld", &used) != 1 || sscanf(max, "%ld", &limit) != 1)
		return false;
	return (limit - used) * 100 / limit < PIDS_LOW_PERCENT;
}

static void on_status(void *data, const struct store_result *res)
{
	struct node *n = data;

	n->status_in_flight = false;
	if (res->err < 0) {
		json_freep(&n->status);
		complain(n, "update the status of", res);
		loop_timer_start_by(&n->status_timer, RETRY_US);
		return;
	}
	n->complained = false;
	/* What changed while this one was on its way. */
	loop_timer_start_by(&n->status_timer, RETRY_US);
}

static void update_status(void *data)
{
	struct node *n = data;
	struct node_health h = { .runtime_problem = n->runtime_problem, .network_problem = n->network_problem };
	uint64_t now = now_monotonic_us();
	_cleanup_json_ json *status = NULL, *patch = NULL;

	loop_timer_start_by(&n->status_timer, LEASE_PERIOD_US);
	if (!is_registered(n) || n->status_in_flight)
		return;
	if (!n->begun_us)
		n->begun_us = now;
	if (n->c.own_machine) {
		h.memory_low = is_memory_low();
		h.pids_low = are_pids_low();
	}
	/* After a restart of ours the first look takes a moment; till then what the API has is the better guess. */
	if ((!n->runtime_known || !n->network_known) && now - n->begun_us < SETTLE_US &&
	    status_condition_true(own_node(n), "Ready")) {
		loop_timer_start_by(&n->status_timer, RETRY_US);
		return;
	}
	h.disk_low = is_disk_low(n->c.data_dir);
	status = node_status_make(&n->c.info, &h, n->status ?: json_get(own_node(n), "status"), now_realtime_us());
	if (n->status && node_status_same(status, n->status) && !node_was_overruled(own_node(n), n->status) &&
	    now - n->status_sent_us < STATUS_PERIOD_US)
		return;
	patch = json_new_object();
	json_set(patch, "status", json_clone(status));
	json_freep(&n->status);
	n->status = TAKE_PTR(status);
	n->status_sent_us = now;
	n->status_in_flight = true;
	store_patch(n->c.store, &res_nodes, NULL, n->c.info.name, "status", STORE_PATCH_MERGE, patch, on_status, n);
}

static void on_node(void *data, const json *old, const json *new)
{
	struct node *n = data;

	if (!streq(meta_name(new ?: old), n->c.info.name))
		return;
	if (!new || (old && !meta_same(old, new)))
		json_freep(&n->status);		/* a new object knows nothing of us */
	if (!new || !old)
		loop_timer_start(&n->status_timer, 0);
	else if (n->status && !n->status_in_flight && node_was_overruled(new, n->status))
		loop_timer_start_by(&n->status_timer, 0);	/* we were silent too long for somebody */
}

/* --- lease --- */

static void on_lease(void *data, const struct store_result *res)
{
	struct node *n = data;
	_cleanup_json_ json *lease = NULL;

	n->lease_in_flight = false;
	if (res->err == -ENOENT && own_node(n)) {
		lease = node_lease_new(n->c.info.name, own_node(n), now_realtime_us());
		n->lease_in_flight = true;
		store_create(n->c.store, &res_leases, NODE_LEASE_NAMESPACE, n->c.info.name, NULL, lease, on_lease, n);
		return;
	}
	if (res->err == -EAGAIN)
		loop_timer_start(&n->lease_timer, RETRY_US);
	else if (res->err < 0 && res->err != -ENOENT)
		complain(n, "renew the lease of", res);
}

static void renew_lease(void *data)
{
	_cleanup_json_ json *patch = NULL, *lease = NULL;
	struct node *n = data;

	loop_timer_start(&n->lease_timer, LEASE_PERIOD_US);
	if (n->lease_in_flight)
		return;
	lease = node_lease_new(n->c.info.name, own_node(n), now_realtime_us());
	patch = json_new_object();
	json_set(patch, "spec", json_take(lease, "spec"));
	n->lease_in_flight = true;
	store_patch(n->c.store, &res_leases, NODE_LEASE_NAMESPACE, n->c.info.name, NULL, STORE_PATCH_MERGE,
		    patch, on_lease, n);
}

/* --- the door --- */

struct node *node_new(const struct node_config *config)
{
	struct node *n = xnew0(struct node);

	n->c = *config;
	n->runtime_problem = xstrdup("no answer yet");
	n->network_problem = xstrdup("the datapath is not programmed yet");
	informer_add_handler(n->c.nodes, on_node, n);
	loop_timer_init(&n->lease_timer, n->c.loop, renew_lease, n);
	loop_timer_init(&n->status_timer, n->c.loop, update_status, n);
	loop_timer_start(&n->status_timer, RETRY_US / 10);
	loop_timer_start(&n->lease_timer, RETRY_US);
	return n;
}

void node_free(struct node *n)
{
	if (!n)
		return;
	loop_timer_stop(&n->lease_timer);
	loop_timer_stop(&n->status_timer);
	json_freep(&n->status);
	free(n->runtime_problem);
	free(n->network_problem);
	free(n->runtime_version);
	free(n);
}

static void set_problem(struct node *n, char **field, const char *problem)
{
	if (streq(*field, problem))
		return;
	free(*field);
	*field = problem ? xstrdup(problem) : NULL;
	loop_timer_start_by(&n->status_timer, 0);
}

void node_set_runtime(struct node *n, const char *problem, const char *runtime_version)
{
	if (runtime_version && !streq(runtime_version, n->runtime_version)) {
		free(n->runtime_version);
		n->runtime_version = xstrdup(runtime_version);
		n->c.info.runtime_version = n->runtime_version;
		loop_timer_start_by(&n->status_timer, 0);
	}
	n->runtime_known = true;
	set_problem(n, &n->runtime_problem, problem);
}

void node_set_network(struct node *n, const char *problem)
{
	n->network_known = true;
	set_problem(n, &n->network_problem, problem);
}

/* --- the machine --- */

/* The first line of a file, or "". */
static char *first_line(const char *path)
{
	_cleanup_free_ char *text = NULL;

	if (read_file(path, 4096, &text, NULL) < 0)
		return xstrdup("");
	text[strcspn(text, "\n")] = '\0';
	return TAKE_PTR(text);
}

static char *os_image(void)
{
	_cleanup_free_ char *text = NULL;
	char *at, *end;

	if (read_file("/etc/os-release", 65536, &text, NULL) < 0)
		return xstrdup("Linux");
	at = strstr(text, "PRETTY_NAME=\"");
	if (!at)
		return xstrdup("Linux");
	at += strlen("PRETTY_NAME=\"");
	end = strchr(at, '"');
	return end ? xstrndup(at, (size_t)(end - at)) : xstrdup("Linux");
}

void node_info_read(struct node_info *info, const char *data_dir)
{
	struct utsname u = { 0 };
	struct sysinfo si = { 0 };
	struct statvfs v = { 0 };

	uname(&u);
	sysinfo(&si);
	statvfs(data_dir, &v);
	info->cpu_milli = sysconf(_SC_NPROCESSORS_ONLN) * 1000;
	info->memory = (int64_t)si.totalram * si.mem_unit;
	info->storage = (int64_t)v.f_blocks * (int64_t)v.f_frsize;
	info->pods = MAX_PODS;
	info->kernel = xstrdup(u.release);
	info->machine = xstrdup(u.machine);
	info->os_image = os_image();
	info->machine_id = first_line("/etc/machine-id");
	info->boot_id = first_line("/proc/sys/kernel/random/boot_id");
	info->system_uuid = first_line("/sys/class/dmi/id/product_uuid");
}
