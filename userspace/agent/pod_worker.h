/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pod_worker.h - one pod's worker, between pods.c, pod_worker.c, pod_start.c, pod_stop.c, pod_logs.c and prober.c */
#ifndef KEELSON_AGENT_POD_WORKER_H
#define KEELSON_AGENT_POD_WORKER_H

#include <uthash.h>

#include "agent/pod_reconcile.h"
#include "agent/pods.h"
#include "agent/relist.h"
#include "base/loop.h"

struct prober;

struct pods {
	struct pods_config c;
	struct relist *relist;
	struct pod_worker *workers;	/* by uid */
	char *net_problem;		/* NULL: pods can get a network */
	char *runtime_problem;		/* as told; NULL: the runtime answers, or failed to only just now */
	bool runtime_failing;		/* the last round failed */
	uint64_t runtime_good_us;	/* monotonic; when a round last ended well, at first when we began */
	bool swept;			/* what earlier agents left behind is removed */
	bool unsure;			/* the round under way found a pod that has no worker and cannot be judged */
	struct loop_timer log_timer;
	uint64_t seq;			/* last round that ended well; 0: none yet */
};

struct pod_worker {
	struct pods *pods;
	char *uid, *ns, *name;
	json *pod;			/* as the API last had it; NULL: never seen there */
	bool gone;			/* the API has it no more */
	struct observed obs;
	uint64_t obs_seq;		/* round obs is from */
	uint64_t needs_seq;		/* nothing is decided on older rounds than this */
	bool seen;			/* in the round under way */
	struct pod_book book;
	unsigned busy;			/* actions under way, but stops */
	unsigned stops;			/* containers being stopped */
	uint64_t hold_us;		/* nothing is begun before (after an odd failure) */
	json *status;			/* last sent; NULL: nothing yet */
	int64_t status_rv;		/* of the pod with it */
	int64_t overruled_rv;		/* version of the pod that was last answered because it said other than status */
	uint64_t overruled_us;		/* when */
	bool status_in_flight;
	bool status_dirty;		/* changed while one was in flight */
	struct backoff status_backoff;
	bool told_network;		/* an event says that it waits for the network */
	struct prober *probers;		/* prober.c */
	struct loop_timer timer;
	UT_hash_handle hh;
};

/* pods.c */
void worker_event(struct pod_worker *w, const char *container, const char *type, const char *reason,
		  const char *fmt, ...) PRINTF(5, 6);
struct pod_input worker_input(const struct pod_worker *w);
/* Soon, from the loop. */
void worker_wake(struct pod_worker *w);

/* pod_worker.c */
/* One turn: report the status, decide, act. May free the worker. */
void worker_sync(struct pod_worker *w);
/* An action ended: look at the runtime before the next decision. */
void worker_action_done(struct pod_worker *w);
/* Sends the status now if it differs from what was sent. */
void worker_report(struct pod_worker *w, uint64_t *ret_requeue_us);
void worker_free(struct pod_worker *w);

/* pod_start.c: both end with worker_action_done(). */
void start_sandbox(struct pod_worker *w, uint32_t attempt);
void start_container(struct pod_worker *w, const struct pod_action *a);
void resume_container(struct pod_worker *w, const struct pod_action *a);

/* pod_stop.c: ends by taking one off w->stops. */
void stop_container(struct pod_worker *w, const struct pod_action *a);

/* pod_logs.c: the timer's function, with the struct pods; starts the timer again. */
void pod_logs_check(void *data);

/* prober.c: makes the probers agree with what runs; results go to the book and wake the worker. */
void probers_sync(struct pod_worker *w);
void probers_free(struct pod_worker *w);

#endif
