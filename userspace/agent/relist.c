// SPDX-License-Identifier: GPL-2.0-or-later
/* relist.c - see relist.h */
#include "agent/relist.h"

#include <uthash.h>

#include "agent/cri.h"
#include "base/log.h"
#include "base/loop.h"

#define PERIOD_US	(1000 * 1000)
#define LIST_TIMEOUT_MS	10000
#define ASK_AGAIN_US	(10 * 1000 * 1000)	/* a detail that was not answered in time */

/* The status of a container in its present state, or the address of a sandbox: asked for once. */
struct detail {
	char *id;
	bool sandbox;
	int state;			/* what the list said when it was asked for */
	bool known;
	bool complained;		/* one line per container that the runtime cannot speak of */
	uint64_t ask_us;		/* monotonic; not asked for before */
	char *ip;
	struct obs_container c;		/* as of the status call */
	uint64_t seen;			/* round it was last listed in */
	UT_hash_handle hh;
};

struct pod_entry {
	char *uid, *ns, *name;
	struct observed o;
	bool blurred;			/* a detail of it is not known */
	UT_hash_handle hh;
};

struct relist {
	struct grpc_channel *cri;
	const struct relist_ops *ops;
	void *data;
	struct loop_timer timer;
	uint64_t seq;			/* the round under way, or the last one */
	bool running, again;
	unsigned pending;		/* calls of this round not answered yet */
	char *error;			/* first failure of this round */
	struct pod_entry *pods;		/* of this round */
	struct detail *details;
};

struct detail_call {
	struct relist *r;
	char *id;
};

static void round_start(void *data);

static void entry_free(struct relist *r, struct pod_entry *p)
{
	HASH_DEL(r->pods, p);
	observed_clear(&p->o);
	free(p->uid);
	free(p->ns);
	free(p->name);
	free(p);
}

static void detail_free(struct relist *r, struct detail *d)
{
	struct observed o = { .containers = xmalloc(sizeof(d->c)), .n_containers = 1 };

	HASH_DEL(r->details, d);
	o.containers[0] = d->c;
	observed_clear(&o);
	free(d->ip);
	free(d->id);
	free(d);
}

static struct pod_entry *entry_of(struct relist *r, Cri__Pair *const *labels, size_t n)
{
	const char *uid = cri_pair(labels, n, LABEL_POD_UID);
	struct pod_entry *p;

	if (!uid)
		return NULL;
	HASH_FIND_STR(r->pods, uid, p);
	if (p)
		return p;
	p = xnew0(struct pod_entry);
	p->uid = xstrdup(uid);
	p->ns = xstrdup(cri_pair(labels, n, LABEL_POD_NAMESPACE) ?: "");
	p->name = xstrdup(cri_pair(labels, n, LABEL_POD_NAME) ?: "");
	HASH_ADD_KEYPTR(hh, r->pods, p->uid, strlen(p->uid), p);
	return p;
}

/* The detail of an id in that state; made, and known == false, if it has to be asked for. */
static struct detail *detail_of(struct relist *r, const char *id, bool sandbox, int state)
{
	struct detail *d;

	HASH_FIND_STR(r->details, id, d);
	if (d && d->state != state) {
		d->known = false;
		d->ask_us = 0;
	}
	if (!d) {
		d = xnew0(struct detail);
		d->id = xstrdup(id);
		d->sandbox = sandbox;
		HASH_ADD_KEYPTR(hh, r->details, d->id, strlen(d->id), d);
	}
	d->state = state;
	d->seen = r->seq;
	return d;
}

static char *copy(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

static void add_details(struct relist *r)
{
	struct pod_entry *p, *tmp;

	HASH_ITER(hh, r->pods, p, tmp) {
		for (size_t i = 0; i < p->o.n_sandboxes; i++) {
			struct detail *d;

			HASH_FIND_STR(r->details, p->o.sandboxes[i].id, d);
			if (p->o.sandboxes[i].ready && !(d && d->known))
				p->blurred = true;
			if (d && d->ip)
				p->o.sandboxes[i].ip = xstrdup(d->ip);
		}
		for (size_t i = 0; i < p->o.n_containers; i++) {
			struct obs_container *c = &p->o.containers[i];
			struct detail *d;

			HASH_FIND_STR(r->details, c->id, d);
			if (!d || !d->known) {
				/* Of a container that only was created the list says it all. */
				p->blurred |= c->state != CONTAINER_CREATED;
				continue;
			}
			/* The status is younger than the list. */
			c->state = d->c.state;
			c->started_us = d->c.started_us;
			c->finished_us = d->c.finished_us;
			c->exit_code = d->c.exit_code;
			c->image = (free(c->image), copy(d->c.image));
			c->image_ref = (free(c->image_ref), copy(d->c.image_ref));
			c->reason = copy(d->c.reason);
			c->message = copy(d->c.message);
		}
		observed_sort(&p->o);
	}
}

static void forget_details(struct relist *r)
{
	struct detail *d, *tmp;

	HASH_ITER(hh, r->details, d, tmp)
		if (d->seen != r->seq)
			detail_free(r, d);
}

static void round_end(struct relist *r)
{
	struct pod_entry *p, *tmp;
	_cleanup_free_ char *error = TAKE_PTR(r->error);

	r->running = false;
	/* First, so that who is told below may ask for another round. */
	loop_timer_start(&r->timer, r->again ? 0 : PERIOD_US);
	r->again = false;
	if (!error) {
		add_details(r);
		forget_details(r);
		HASH_ITER(hh, r->pods, p, tmp) {
			struct relist_pod rp = { .uid = p->uid, .ns = p->ns, .name = p->name,
				.o = p->blurred ? NULL : &p->o, .seq = r->seq };

			r->ops->pod(r->data, &rp);
		}
	}
	HASH_ITER(hh, r->pods, p, tmp)
		entry_free(r, p);
	if (error)
		r->ops->failed(r->data, error);
	else
		r->ops->round_end(r->data, r->seq);
}

static void call_done(struct relist *r, int status, const char *msg)
{
	if (status != GRPC_OK && !r->error)
		r->error = xstrdup(msg);
	if (!--r->pending)
		round_end(r);
}

static void on_detail(void *data, int status, const char *msg, const void *reply)
{
	struct detail_call *call = data;
	struct relist *r = call->r;
	struct detail *d;

	HASH_FIND_STR(r->details, call->id, d);
	if (status == GRPC_OK && d && d->sandbox) {
		const Cri__PodSandboxStatus *st = ((const Cri__PodSandboxStatusResponse *)reply)->status;

		free(d->ip);
		d->ip = st && st->network && *st->network->ip ? xstrdup(st->network->ip) : NULL;
		d->known = true;
	} else if (status == GRPC_OK && d) {
		const Cri__ContainerStatus *st = ((const Cri__ContainerStatusResponse *)reply)->status;

		if (st) {
			obs_container_from_status(&d->c, st);
			d->state = (int)d->c.state;
			d->known = true;
		}
	}
	/* One that went away between list and status is not listed by the next round. */
	if (d && status != GRPC_OK && status != GRPC_NOT_FOUND && status != GRPC_UNAVAILABLE) {
		if (!d->complained)
			log_warn("the runtime cannot tell the status of %s: %s", d->id, msg);
		d->complained = true;
		if (status == GRPC_DEADLINE_EXCEEDED)
			d->ask_us = now_monotonic_us() + ASK_AGAIN_US;
	}
	free(call->id);
	free(call);
	/* What one sandbox or container lacks is its pod's affair only. */
	call_done(r, status == GRPC_UNAVAILABLE ? status : GRPC_OK, msg);
}

static void ask(struct relist *r, struct detail *d)
{
	struct detail_call *call;

	if (now_monotonic_us() < d->ask_us)
		return;
	call = xnew0(struct detail_call);
	call->r = r;
	call->id = xstrdup(d->id);
	r->pending++;
	if (d->sandbox)
		cri_sandbox_status(r->cri, d->id, on_detail, call);
	else
		cri_container_status(r->cri, d->id, on_detail, call);
}

static void on_sandboxes(void *data, int status, const char *msg, const void *reply)
{
	const Cri__ListPodSandboxResponse *list = reply;
	struct relist *r = data;

	for (size_t i = 0; status == GRPC_OK && i < list->n_items; i++) {
		const Cri__PodSandbox *s = list->items[i];
		struct pod_entry *p = entry_of(r, s->labels, s->n_labels);
		struct obs_sandbox *o;
		struct detail *d;

		if (!p)
			continue;
		o = observed_add_sandbox(&p->o);
		o->id = xstrdup(s->id);
		o->attempt = s->metadata ? s->metadata->attempt : 0;
		o->ready = s->state == CRI__POD_SANDBOX_STATE__SANDBOX_READY;
		o->created_us = s->created_at > 0 ? (uint64_t)s->created_at / 1000 : 0;
		d = detail_of(r, s->id, true, (int)s->state);
		if (!d->known && o->ready)
			ask(r, d);
	}
	call_done(r, status, msg);
}

static void on_containers(void *data, int status, const char *msg, const void *reply)
{
	const Cri__ListContainersResponse *list = reply;
	struct relist *r = data;

	for (size_t i = 0; status == GRPC_OK && i < list->n_containers; i++) {
		const Cri__Container *s = list->containers[i];
		struct pod_entry *p = entry_of(r, s->labels, s->n_labels);
		const char *failures = cri_pair(s->annotations, s->n_annotations, ANNOTATION_FAILURES);
		struct obs_container *o;
		struct detail *d;
		int64_t n;

		if (!p)
			continue;
		o = observed_add_container(&p->o);
		o->id = xstrdup(s->id);
		o->sandbox_id = xstrdup(s->pod_sandbox_id);
		o->name = xstrdup(cri_pair(s->labels, s->n_labels, LABEL_CONTAINER_NAME) ?: "");
		o->image = xstrdup(s->image ? s->image->image : "");
		o->image_ref = xstrdup(s->image_ref);
		o->attempt = s->metadata ? s->metadata->attempt : 0;
		o->state = (enum container_state)s->state;
		o->created_us = s->created_at > 0 ? (uint64_t)s->created_at / 1000 : 0;
		if (failures && parse_i64(failures, 0, UINT32_MAX, &n) == 0)
			o->failures = (uint32_t)n;
		d = detail_of(r, s->id, false, (int)s->state);
		if (!d->known && o->state != CONTAINER_CREATED)
			ask(r, d);
	}
	call_done(r, status, msg);
}

static void round_start(void *data)
{
	Cri__ListPodSandboxRequest sandboxes = CRI__LIST_POD_SANDBOX_REQUEST__INIT;
	Cri__ListContainersRequest containers = CRI__LIST_CONTAINERS_REQUEST__INIT;
	struct relist *r = data;

	r->running = true;
	r->seq++;
	r->pending = 2;
	cri_call(r->cri, CRI_LIST_POD_SANDBOX, &sandboxes.base, LIST_TIMEOUT_MS, on_sandboxes, r);
	cri_call(r->cri, CRI_LIST_CONTAINERS, &containers.base, LIST_TIMEOUT_MS, on_containers, r);
}

uint64_t relist_soon(struct relist *r)
{
	if (r->running)
		r->again = true;
	else
		loop_timer_start(&r->timer, 0);
	return r->seq + 1;
}

struct relist *relist_new(sd_event *loop, struct grpc_channel *cri, const struct relist_ops *ops, void *data)
{
	struct relist *r = xnew0(struct relist);

	r->cri = cri;
	r->ops = ops;
	r->data = data;
	loop_timer_init(&r->timer, loop, round_start, r);
	loop_timer_start(&r->timer, 0);
	return r;
}

void relist_free(struct relist *r)
{
	struct detail *d, *dt;
	struct pod_entry *p, *pt;

	if (!r)
		return;
	loop_timer_stop(&r->timer);
	HASH_ITER(hh, r->details, d, dt)
		detail_free(r, d);
	HASH_ITER(hh, r->pods, p, pt)
		entry_free(r, p);
	free(r->error);
	free(r);
}
