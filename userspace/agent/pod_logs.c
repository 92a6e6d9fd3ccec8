// SPDX-License-Identifier: GPL-2.0-or-later
/* pod_logs.c - keeps the logs of running containers from filling the disk */
#include "agent/cri.h"
#include "agent/log_rotate.h"
#include "agent/pod_worker.h"
#include "agent/volumes.h"
#include "base/log.h"

/* As the kubelet's containerLogMaxSize and containerLogMaxFiles. */
#define LOG_MAX		(10LL * 1024 * 1024)
#define LOG_KEEP	5
#define CHECK_US	(30 * SEC_US)

static void on_reopened(void *data, int status, const char *msg, const void *reply)
{
	_cleanup_free_ char *path = data;

	/* Not reached: it may be there by the next check. Gone: its log is complete. */
	if (status == GRPC_OK)
		return;
	log_at(status == GRPC_UNAVAILABLE || status == GRPC_NOT_FOUND ? LOG_DEBUG : LOG_WARNING,
	       "cannot rotate %s: %s", path, msg);
	log_rotate_undo(path);
}

static void rotate(struct pod_worker *w, const struct obs_container *c)
{
	_cleanup_free_ char *dir = pod_log_dir(w->pods->c.facts->data_dir, w->ns, w->name, w->uid);
	_cleanup_free_ char *path = xasprintf("%s/%s/%u.log", dir, c->name, c->attempt);
	int r = log_rotate(path, LOG_MAX, LOG_KEEP);

	if (r < 0)
		log_warn("cannot rotate %s: %s", path, strerror(-r));
	else if (r)
		cri_reopen_log(w->pods->c.cri, c->id, on_reopened, TAKE_PTR(path));
}

void pod_logs_check(void *data)
{
	struct pods *p = data;
	struct pod_worker *w, *tmp;

	loop_timer_start(&p->log_timer, CHECK_US);
	HASH_ITER(hh, p->workers, w, tmp)
		for (size_t i = 0; i < w->obs.n_containers; i++)
			if (w->obs.containers[i].state == CONTAINER_RUNNING)
				rotate(w, &w->obs.containers[i]);
}
