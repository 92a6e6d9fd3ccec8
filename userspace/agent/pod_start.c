// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pod_start.c - the ways up: a sandbox, a container
 *
 * Each is a chain of asynchronous steps on one struct start; it ends in
 * start_end(), with the failure, if any, in the pod's book.
 */
#include <errno.h>

#include "agent/cri.h"
#include "agent/hook.h"
#include "agent/pod_config.h"
#include "agent/pod_worker.h"
#include "agent/volumes.h"
#include "api/kinds/kinds.h"

#define START_TIMEOUT_MS	(2 * 60 * 1000)
#define SANDBOX_TIMEOUT_MS	(4 * 60 * 1000)
#define POST_START_TIMEOUT	120	/* seconds */
#define POST_START_RETRY_US	SEC_US

struct start {
	struct pod_worker *w;
	void (*next)(struct start *s);	/* after the dependencies are there */
	json *pod;			/* as it was decided on */
	const json *spec;		/* the container in it; NULL: a sandbox */
	char *name;			/* container */
	uint32_t attempt, failures;
	char *id;			/* of the created container */
	json *deps;
	unsigned fetching;
	char *fetch_error;
	bool have_image;		/* while a pull is tried all the same */
	struct loop_timer hook_timer;	/* the next try at postStart */
};

static void run_post_start(void *data);

static struct start *start_new(struct pod_worker *w, const char *name, uint32_t attempt, uint32_t failures)
{
	struct start *s = xnew0(struct start);

	s->w = w;
	s->pod = json_clone(w->pod);
	s->name = name ? xstrdup(name) : NULL;
	s->attempt = attempt;
	s->failures = failures;
	loop_timer_init(&s->hook_timer, w->pods->c.loop, run_post_start, s);
	json_each(c, pod_containers(s->pod))
		if (streq(json_str(json_get(c, "name")), name))
			s->spec = c;
	json_each(c, pod_init_containers(s->pod))
		if (streq(json_str(json_get(c, "name")), name))
			s->spec = c;
	return s;
}

static void start_end(struct start *s)
{
	struct pod_worker *w = s->w;

	loop_timer_stop(&s->hook_timer);
	json_freep(&s->pod);
	json_freep(&s->deps);
	free(s->name);
	free(s->id);
	free(s->fetch_error);
	free(s);
	worker_action_done(w);
}

static struct retry *retry_of(struct start *s)
{
	return s->name ? &pod_book_container(&s->w->book, s->name)->start : &s->w->book.sandbox;
}

static void start_failed(struct start *s, const char *reason, const char *msg, unsigned first, unsigned max)
{
	retry_failed(retry_of(s), reason, msg, first, max, now_realtime_us());
	start_end(s);
}

static const char *pod_ip_of(const struct start *s)
{
	const struct obs_sandbox *sb = observed_sandbox(&s->w->obs);

	return pod_host_network(s->pod) ? s->w->pods->c.facts->ip : sb ? sb->ip : NULL;
}

/* --- what the pod refers to --- */

struct fetch {
	struct start *s;
	const char *kind;	/* "configmaps" or "secrets" */
	char *name;
};

static void fetched(struct start *s)
{
	if (s->fetching)
		return;
	if (s->fetch_error) {
		_cleanup_free_ char *msg = TAKE_PTR(s->fetch_error);

		start_failed(s, s->name ? "CreateContainerConfigError" : "FailedMount", msg, 1, 10);
		return;
	}
	s->next(s);
}

static void on_fetched(void *data, const struct store_result *res)
{
	struct fetch *f = data;
	struct start *s = f->s;

	if (res->err == 0)
		json_set(json_get(s->deps, f->kind), f->name, json_clone(res->obj));
	else if (res->err != -ENOENT && !s->fetch_error)
		s->fetch_error = xasprintf("cannot get %s \"%s\": %s", f->kind, f->name,
			json_str_or(json_get(res->obj, "message"), strerror(-res->err)));
	free(f->name);
	free(f);
	s->fetching--;
	fetched(s);
}

static void fetch_kind(struct start *s, const char *kind, const struct resource *res)
{
	_cleanup_json_ json *refs = pod_references(s->pod, kind);

	json_each(r, refs) {
		struct fetch *f = xnew0(struct fetch);

		f->s = s;
		f->kind = kind;
		f->name = xstrdup(json_key(r));
		s->fetching++;
		store_get(s->w->pods->c.store, res, s->w->ns, f->name, on_fetched, f);
	}
}

static void fetch_deps(struct start *s, void (*next)(struct start *s))
{
	struct informer *services = s->w->pods->c.services;
	_cleanup_free_ const json **list = informer_list(services, s->w->ns, NULL);
	const json *api = informer_get(services, "default", "kubernetes");
	json *deps;

	s->next = next;
	s->deps = json_build("{\"configmaps\":{},\"secrets\":{},\"services\":[]}");
	deps = json_get(s->deps, "services");
	for (size_t i = 0; list[i]; i++)
		json_append(deps, json_clone(list[i]));
	if (api && !streq(s->w->ns, "default"))
		json_append(deps, json_clone(api));
	/* One count of our own, so that the chain goes on once, from here or from the last answer. */
	s->fetching = 1;
	fetch_kind(s, "configmaps", &res_configmaps);
	fetch_kind(s, "secrets", &res_secrets);
	s->fetching--;
	fetched(s);
}

/* --- a sandbox --- */

static void on_sandbox(void *data, int status, const char *msg, const void *reply)
{
	struct start *s = data;

	if (status != GRPC_OK) {
		worker_event(s->w, NULL, "Warning", "FailedCreatePodSandBox", "Failed to create pod sandbox: %s", msg);
		start_failed(s, "FailedCreatePodSandBox", msg, 1, 10);
		return;
	}
	retry_clear(&s->w->book.sandbox);
	start_end(s);
}

static void run_sandbox(struct start *s)
{
	const struct node_facts *facts = s->w->pods->c.facts;
	Cri__RunPodSandboxRequest req = CRI__RUN_POD_SANDBOX_REQUEST__INIT;
	_cleanup_free_ char *msg = NULL;

	if (pod_files_make(s->pod, facts, NULL, &msg) < 0 ||
	    volumes_make(s->pod, s->deps, facts, pod_ip_of(s), &msg) < 0) {
		worker_event(s->w, NULL, "Warning", "FailedMount", "MountVolume.SetUp failed for %s", msg);
		start_failed(s, "FailedMount", msg, 1, 10);
		return;
	}
	req.config = pod_sandbox_config(s->pod, s->attempt, facts);
	cri_call(s->w->pods->c.cri, CRI_RUN_POD_SANDBOX, &req.base, SANDBOX_TIMEOUT_MS, on_sandbox, s);
	cri__pod_sandbox_config__free_unpacked(req.config, NULL);
}

void start_sandbox(struct pod_worker *w, uint32_t attempt)
{
	fetch_deps(start_new(w, NULL, attempt, 0), run_sandbox);
}

/* --- a container --- */

static void on_post_start(void *data, enum hook_result result, const char *problem)
{
	struct start *s = data;

	/* It may have run, or not: a hook is run at least once. */
	if (result == HOOK_UNREACHED) {
		loop_timer_start(&s->hook_timer, POST_START_RETRY_US);
		return;
	}
	if (result != HOOK_GOOD) {
		struct container_book *b = pod_book_container(&s->w->book, s->name);

		worker_event(s->w, s->name, "Warning", "FailedPostStartHook", "PostStartHook failed: %s", problem);
		free(b->unhealthy_id);
		free(b->unhealthy_message);
		b->unhealthy_id = xstrdup(s->id);
		b->unhealthy_message = xstrdup("FailedPostStartHook");
	}
	start_end(s);
}

static void run_post_start(void *data)
{
	struct start *s = data;
	struct hook_target t = { .loop = s->w->pods->c.loop, .cri = s->w->pods->c.cri, .container_id = s->id,
		.ip = pod_ip_of(s), .pod = s->pod, .spec = s->spec, .handler = json_get(s->spec, "lifecycle", "postStart"),
		.timeout_s = POST_START_TIMEOUT };

	hook_run(&t, on_post_start, s);
}

static void on_started(void *data, int status, const char *msg, const void *reply)
{
	struct start *s = data;

	if (status != GRPC_OK) {
		/* The runtime shows it as exited (StartError), and so it backs off as a crash does. */
		worker_event(s->w, s->name, "Warning", "Failed", "Error: %s", msg);
		if (status == GRPC_UNAVAILABLE || status == GRPC_DEADLINE_EXCEEDED)
			s->w->hold_us = now_realtime_us() + SEC_US;
		start_end(s);
		return;
	}
	worker_event(s->w, s->name, "Normal", "Started", "Started container %s", s->name);
	if (json_get(s->spec, "lifecycle", "postStart"))
		run_post_start(s);
	else
		start_end(s);
}

static void on_created(void *data, int status, const char *msg, const void *reply)
{
	struct start *s = data;

	if (status != GRPC_OK) {
		worker_event(s->w, s->name, "Warning", "Failed", "Error: %s", msg);
		start_failed(s, "CreateContainerError", msg, 1, 30);
		return;
	}
	retry_clear(retry_of(s));
	s->id = xstrdup(((const Cri__CreateContainerResponse *)reply)->container_id);
	worker_event(s->w, s->name, "Normal", "Created", "Created container: %s", s->name);
	cri_start_container(s->w->pods->c.cri, s->id, on_started, s);
}

static void create(struct start *s)
{
	const struct node_facts *facts = s->w->pods->c.facts;
	const struct obs_sandbox *sb = observed_sandbox(&s->w->obs);
	Cri__CreateContainerRequest req = CRI__CREATE_CONTAINER_REQUEST__INIT;
	_cleanup_free_ char *msg = NULL;
	struct container_args args = {
		.pod = s->pod, .spec = s->spec, .deps = s->deps, .node = facts, .pod_ip = pod_ip_of(s),
		.image = json_str_or(json_get(s->spec, "image"), ""), .attempt = s->attempt, .failures = s->failures,
	};

	if (!sb) {	/* it went away meanwhile: the next turn sees that */
		start_end(s);
		return;
	}
	if (pod_files_make(s->pod, facts, args.pod_ip, &msg) < 0 ||
	    container_files_make(s->pod, s->spec, facts, s->attempt, &msg) < 0 ||
	    container_config(&args, &req.config, &msg) < 0) {
		worker_event(s->w, s->name, "Warning", "Failed", "Error: %s", msg);
		start_failed(s, "CreateContainerConfigError", msg, 1, 10);
		return;
	}
	req.pod_sandbox_id = sb->id;
	req.sandbox_config = pod_sandbox_config(s->pod, sb->attempt, facts);
	cri_call(s->w->pods->c.cri, CRI_CREATE_CONTAINER, &req.base, START_TIMEOUT_MS, on_created, s);
	cri__pod_sandbox_config__free_unpacked(req.sandbox_config, NULL);
	cri__container_config__free_unpacked(req.config, NULL);
}

static const char *image_of(struct start *s)
{
	return json_str_or(json_get(s->spec, "image"), "");
}

static void on_pulled(void *data, int status, const char *msg, const void *reply)
{
	struct start *s = data;

	if (status == GRPC_OK) {
		worker_event(s->w, s->name, "Normal", "Pulled", "Successfully pulled image \"%s\"", image_of(s));
		create(s);
		return;
	}
	if (s->have_image) {
		/* The registry may be out of reach; what is here is better than nothing. */
		worker_event(s->w, s->name, "Warning", "Pulled",
			     "Container image \"%s\" already present on machine (pulling it failed: %s)",
			     image_of(s), msg);
		create(s);
		return;
	}
	worker_event(s->w, s->name, "Warning", "Failed", "Failed to pull image \"%s\": %s", image_of(s), msg);
	worker_event(s->w, s->name, "Warning", "Failed", "Error: ErrImagePull");
	start_failed(s, "ErrImagePull", msg, 10, 300);
}

static void on_image(void *data, int status, const char *msg, const void *reply)
{
	const Cri__ImageStatusResponse *res = reply;
	struct start *s = data;
	const char *policy = json_str(json_get(s->spec, "imagePullPolicy"));
	_cleanup_free_ char *why = NULL;

	if (status != GRPC_OK) {
		start_failed(s, "ImageInspectError", msg, 1, 30);
		return;
	}
	s->have_image = res->image;
	/* No registry is meant by localhost/: such images were brought here by hand. */
	if (s->have_image && (!streq(policy, "Always") || startswith(image_of(s), "localhost/"))) {
		worker_event(s->w, s->name, "Normal", "Pulled",
			     "Container image \"%s\" already present on machine", image_of(s));
		create(s);
	} else if (streq(policy, "Never")) {
		why = xasprintf("Container image \"%s\" is not present with pull policy of Never", image_of(s));
		worker_event(s->w, s->name, "Warning", "ErrImageNeverPull", "%s", why);
		start_failed(s, "ErrImageNeverPull", why, 10, 30);
	} else {
		worker_event(s->w, s->name, "Normal", "Pulling", "Pulling image \"%s\"", image_of(s));
		cri_pull_image(s->w->pods->c.cri, image_of(s), on_pulled, s);
	}
}

static void want_image(struct start *s)
{
	cri_image_status(s->w->pods->c.cri, image_of(s), on_image, s);
}

void start_container(struct pod_worker *w, const struct pod_action *a)
{
	const struct obs_container *old = observed_container(&w->obs, a->name);

	if (old && old->state == CONTAINER_EXITED && a->failures > 1)
		worker_event(w, a->name, "Warning", "BackOff", "Back-off restarting failed container %s in pod %s_%s(%s)",
			     a->name, w->name, w->ns, w->uid);
	fetch_deps(start_new(w, a->name, a->attempt, a->failures), want_image);
}

void resume_container(struct pod_worker *w, const struct pod_action *a)
{
	struct start *s = start_new(w, a->name, 0, 0);

	s->id = xstrdup(a->id);
	cri_start_container(w->pods->c.cri, s->id, on_started, s);
}
