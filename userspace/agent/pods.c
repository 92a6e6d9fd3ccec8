// SPDX-License-Identifier: GPL-2.0-or-later
/* pods.c - see pods.h: the workers, who wakes them, what is asked about them */
#include <errno.h>

#include "agent/pod_worker.h"
#include "agent/volumes.h"
#include "api/kinds/kinds.h"
#include "base/log.h"

#define FIRST_LOG_CHECK_US	(3 * SEC_US)
#define RUNTIME_PATIENCE_US	(30 * SEC_US)	/* as the kubelet */
#define RUNTIME_SETTLE_US	(10 * SEC_US)	/* the same, when it has not answered since we began */

static struct pod_worker *worker_new(struct pods *p, const char *uid, const char *ns, const char *name);

static void on_timer(void *data)
{
	worker_sync(data);
}

void worker_wake(struct pod_worker *w)
{
	loop_timer_start_by(&w->timer, 0);
}

static struct pod_worker *worker_new(struct pods *p, const char *uid, const char *ns, const char *name)
{
	struct pod_worker *w = xnew0(struct pod_worker);

	w->pods = p;
	w->uid = xstrdup(uid);
	w->ns = xstrdup(ns);
	w->name = xstrdup(name);
	/* Rounds that ended, or are under way, may have passed over this pod: it is decided on after one begun now. */
	w->needs_seq = relist_soon(p->relist);
	w->status_backoff = (struct backoff){ .first_us = SEC_US, .max_us = 10 * SEC_US };
	loop_timer_init(&w->timer, p->c.loop, on_timer, w);
	HASH_ADD_KEYPTR(hh, p->workers, w->uid, strlen(w->uid), w);
	return w;
}

struct pod_input worker_input(const struct pod_worker *w)
{
	return (struct pod_input){
		.pod = w->gone ? NULL : w->pod,
		.prev_status = w->status ?: json_get(w->pod, "status"),
		.obs = &w->obs,
		.book = &w->book,
		.host_ip = w->pods->c.facts->ip,
		.net_problem = w->pods->net_problem,
		.now_us = now_realtime_us(),
	};
}

void worker_event(struct pod_worker *w, const char *container, const char *type, const char *reason,
		  const char *fmt, ...)
{
	_cleanup_free_ char *message = NULL, *field = NULL;
	bool init = false;
	va_list ap;

	va_start(ap, fmt);
	message = xvasprintf(fmt, ap);
	va_end(ap);
	log_at(streq(type, "Warning") ? LOG_WARNING : LOG_DEBUG, "pod %s/%s: %s: %s", w->ns, w->name, reason, message);
	if (w->gone || !w->pod)
		return;
	json_each(c, pod_init_containers(w->pod))
		init |= container && streq(json_str(json_get(c, "name")), container);
	if (container)
		field = xasprintf("spec.%s{%s}", init ? "initContainers" : "containers", container);
	recorder_event(w->pods->c.events, &res_pods, w->pod, field, type, reason, message, now_realtime_us());
}

/* --- from the API --- */

static void on_pod(void *data, const json *old, const json *new)
{
	struct pods *p = data;
	const char *uid = meta_uid(new ?: old);
	struct pod_worker *w;

	/* Deleted and made again under the same name between two looks: two pods. */
	if (old && new && !meta_same(old, new))
		on_pod(p, old, NULL);
	HASH_FIND_STR(p->workers, uid, w);
	if (!new) {
		if (w) {
			w->gone = true;
			worker_wake(w);
		}
		return;
	}
	if (!w)
		w = worker_new(p, uid, meta_namespace(new), meta_name(new));
	json_freep(&w->pod);
	w->pod = json_clone(new);
	w->gone = false;
	worker_wake(w);
}

/* --- from the runtime --- */

static bool same_containers(const struct observed *a, const struct observed *b)
{
	if (a->n_containers != b->n_containers)
		return false;
	for (size_t i = 0; i < a->n_containers; i++)
		if (!streq(a->containers[i].id, b->containers[i].id) ||
		    a->containers[i].state != b->containers[i].state ||
		    a->containers[i].started_us != b->containers[i].started_us ||
		    a->containers[i].finished_us != b->containers[i].finished_us)
			return false;
	return true;
}

static bool same_sandboxes(const struct observed *a, const struct observed *b)
{
	if (a->n_sandboxes != b->n_sandboxes)
		return false;
	for (size_t i = 0; i < a->n_sandboxes; i++)
		if (!streq(a->sandboxes[i].id, b->sandboxes[i].id) ||
		    a->sandboxes[i].ready != b->sandboxes[i].ready ||
		    !streq(a->sandboxes[i].ip, b->sandboxes[i].ip))
			return false;
	return true;
}

/* What the container left at its terminationMessagePath, where the runtime has nothing to say. */
static void add_termination_messages(struct pods *p, const char *uid, struct observed *o)
{
	for (size_t i = 0; i < o->n_containers; i++) {
		struct obs_container *c = &o->containers[i];
		_cleanup_free_ char *path = NULL;
		char *text;
		size_t len;

		if (c->state != CONTAINER_EXITED || (c->message && *c->message))
			continue;
		path = pod_termination_path(p->c.facts->data_dir, uid, c->name, c->attempt);
		if (read_file(path, 4096, &text, &len) < 0)
			continue;
		free(c->message);
		c->message = text;
	}
}

static void worker_observe(struct pod_worker *w, struct observed *o, uint64_t seq)
{
	bool changed = !same_containers(&w->obs, o) || !same_sandboxes(&w->obs, o);
	bool waited = w->obs_seq < w->needs_seq && seq >= w->needs_seq;

	if (changed)
		add_termination_messages(w->pods, w->uid, o);
	if (changed) {
		observed_clear(&w->obs);
		w->obs = *o;
		memset(o, 0, sizeof(*o));
	}
	w->obs_seq = seq;
	if (changed || waited)
		worker_wake(w);
}

static void on_runtime_pod(void *data, const struct relist_pod *rp)
{
	struct pods *p = data;
	struct pod_worker *w;

	HASH_FIND_STR(p->workers, rp->uid, w);
	if (!w) {
		/* Nobody wants it; but do not judge before the API has told what it has. */
		if (!rp->o || !informer_synced(p->c.pods)) {
			p->unsure = true;
			return;
		}
		log_info("pod %s/%s (%s) is not in the API: removing what runs of it", rp->ns, rp->name, rp->uid);
		w = worker_new(p, rp->uid, rp->ns, rp->name);
		w->gone = true;
	}
	w->seen = true;
	if (rp->o)
		worker_observe(w, rp->o, rp->seq);
}

static void set_runtime_problem(struct pods *p, const char *problem)
{
	if (streq(p->runtime_problem, problem) && !(p->runtime_failing && !problem))
		return;
	free(p->runtime_problem);
	p->runtime_problem = problem ? xstrdup(problem) : NULL;
	p->c.runtime_changed(p->c.data, problem);
}

static bool has_worker(void *data, const char *uid)
{
	struct pods *p = data;
	struct pod_worker *w;

	HASH_FIND_STR(p->workers, uid, w);
	return w;
}

/* Once: a worker removes its pod's files itself, unless the agent died before it came to that. */
static void sweep(struct pods *p)
{
	if (!p->swept && !p->unsure && informer_synced(p->c.pods)) {
		pod_files_sweep(p->c.facts->data_dir, has_worker, p);
		p->swept = true;
	}
	p->unsure = false;
}

static void on_round_end(void *data, uint64_t seq)
{
	struct pods *p = data;
	struct pod_worker *w, *tmp;

	HASH_ITER(hh, p->workers, w, tmp) {
		struct observed none = { 0 };

		if (!w->seen)
			worker_observe(w, &none, seq);
		w->seen = false;
	}
	sweep(p);
	p->seq = seq;
	p->runtime_good_us = now_monotonic_us();
	if (p->runtime_failing)
		log_info("container runtime answers");
	/* Told after a short failure too: it may have been another version's start. */
	set_runtime_problem(p, NULL);
	p->runtime_failing = false;
}

static void on_round_failed(void *data, const char *msg)
{
	struct pods *p = data;
	uint64_t patience = p->c.runtime_patience_us;

	if (!p->runtime_failing)
		log_warn("container runtime does not answer: %s", msg);
	p->runtime_failing = true;
	/* One that was never there is named sooner than one that is started again. */
	if (!p->seq && patience > RUNTIME_SETTLE_US)
		patience = RUNTIME_SETTLE_US;
	if (now_monotonic_us() - p->runtime_good_us >= patience)
		set_runtime_problem(p, msg);
}

static const struct relist_ops relist_ops = {
	.pod = on_runtime_pod, .round_end = on_round_end, .failed = on_round_failed,
};

/* --- the door --- */

struct pods *pods_new(const struct pods_config *config)
{
	struct pods *p = xnew0(struct pods);

	p->c = *config;
	p->net_problem = xstrdup("the node has no pod network yet");
	p->runtime_problem = xstrdup("no answer yet");
	p->runtime_good_us = now_monotonic_us();
	if (!p->c.runtime_patience_us)
		p->c.runtime_patience_us = RUNTIME_PATIENCE_US;
	informer_add_handler(p->c.pods, on_pod, p);
	p->relist = relist_new(p->c.loop, p->c.cri, &relist_ops, p);
	loop_timer_init(&p->log_timer, p->c.loop, pod_logs_check, p);
	loop_timer_start(&p->log_timer, FIRST_LOG_CHECK_US);
	return p;
}

void pods_free(struct pods *p)
{
	struct pod_worker *w, *tmp;

	if (!p)
		return;
	HASH_ITER(hh, p->workers, w, tmp)
		worker_free(w);
	relist_free(p->relist);
	loop_timer_stop(&p->log_timer);
	free(p->net_problem);
	free(p->runtime_problem);
	free(p);
}

void pods_set_network(struct pods *p, const char *problem)
{
	struct pod_worker *w, *tmp;

	if (streq(p->net_problem, problem))
		return;
	free(p->net_problem);
	p->net_problem = problem ? xstrdup(problem) : NULL;
	HASH_ITER(hh, p->workers, w, tmp)
		worker_wake(w);
}

static struct pod_worker *find_by_name(struct pods *p, const char *ns, const char *name)
{
	struct pod_worker *w, *tmp, *found = NULL;

	HASH_ITER(hh, p->workers, w, tmp)
		if (streq(w->ns, ns) && streq(w->name, name) && (!found || !w->gone))
			found = w;
	return found;
}

int pods_log_path(struct pods *p, const char *ns, const char *pod, const char *container, bool previous,
		  char **ret, char **ret_msg)
{
	struct pod_worker *w = find_by_name(p, ns, pod);
	const struct obs_container *c, *prev;
	_cleanup_free_ char *dir = NULL;

	if (!w) {
		*ret_msg = xasprintf("pod \"%s/%s\" is not on this node", ns, pod);
		return -ENOENT;
	}
	c = observed_container(&w->obs, container);
	prev = observed_previous(&w->obs, container);
	/* While a container waits to be started again, its last run is the one to show. */
	if (c && c->state == CONTAINER_CREATED && prev)
		c = prev, prev = NULL;
	if (previous)
		c = prev;
	if (!c) {
		*ret_msg = previous ?
			xasprintf("previous terminated container \"%s\" in pod \"%s\" not found", container, pod) :
			xasprintf("container \"%s\" in pod \"%s\" is waiting to start: ContainerCreating", container, pod);
		return previous ? -ENOENT : -EAGAIN;
	}
	dir = pod_log_dir(p->c.facts->data_dir, w->ns, w->name, w->uid);
	*ret = xasprintf("%s/%s/%u.log", dir, container, c->attempt);
	return 0;
}

bool pods_log_is_growing(struct pods *p, const char *ns, const char *pod, const char *container, const char *path)
{
	struct pod_worker *w = find_by_name(p, ns, pod);
	const struct obs_container *c = w && !w->gone ? observed_container(&w->obs, container) : NULL;
	_cleanup_free_ char *file = c ? xasprintf("/%s/%u.log", container, c->attempt) : NULL;

	return c && c->state != CONTAINER_EXITED && endswith(path, file);
}

json *pods_list(struct pods *p)
{
	json *list = json_build("{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{}}"), *items = json_new_array();
	struct pod_worker *w, *tmp;

	HASH_ITER(hh, p->workers, w, tmp) {
		json *pod;

		if (!w->pod)
			continue;
		pod = json_clone(w->pod);
		if (w->status)
			json_set(pod, "status", json_clone(w->status));
		json_append(items, pod);
	}
	json_set(list, "items", items);
	return list;
}
