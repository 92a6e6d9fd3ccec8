// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * etcd_watch.c - the watches of etcd.h, all on one gRPC stream
 *
 * We number the watches ourselves (etcd >= 3.4 takes the number it is given)
 * and never use a number twice, so an answer to a watch that was closed
 * meanwhile finds nobody.
 */
#include <errno.h>
#include <uthash.h>
#include <utlist.h>
#include "base/loop_stats.h"
#include "store/etcd_pb.h"

struct etcd_watch {
	UT_hash_handle hh;
	struct etcd_watch *prev, *next;	/* in etcd_watcher.failed */
	struct etcd_watcher *wr;
	int64_t id;
	bool from_now, created, over;
	etcd_watch_cb cb;
	void *data;
	Etcdserverpb__WatchResponse **parts;	/* fragments of one answer, the last not there yet */
	size_t n_parts;
};

struct etcd_watcher {
	struct grpc_channel *ch;
	struct grpc_stream *stream;	/* NULL: none, the next watch opens one */
	struct etcd_watch *watches;	/* running ones by id */
	struct etcd_watch *failed;	/* to be told that the connection is lost */
	int64_t last_id;
};

static void drop_parts(struct etcd_watch *w)
{
	for (size_t i = 0; i < w->n_parts; i++)
		etcdserverpb__watch_response__free_unpacked(w->parts[i], &etcd_pb_allocator);
	free(w->parts);
	w->parts = NULL;
	w->n_parts = 0;
}

/* Takes the watch out of the running ones; its owner still has to close it. */
static void stop(struct etcd_watch *w)
{
	HASH_DEL(w->wr->watches, w);
	w->over = true;
	drop_parts(w);
}

static struct etcd_event event_of(const Etcdserverpb__Event *e)
{
	struct etcd_event ev = { .deleted = e->type == ETCDSERVERPB__EVENT__EVENT_TYPE__DELETE };

	ev.kv = etcd_pb_kv(e->kv);
	if (ev.deleted)
		ev.kv.value = NULL;
	if (e->prev_kv) {
		ev.has_prev = true;
		ev.prev = etcd_pb_kv(e->prev_kv);
	}
	return ev;
}

static void deliver_events(struct etcd_watch *w)
{
	Etcdserverpb__WatchResponse **parts = TAKE_PTR(w->parts);
	_cleanup_free_ struct etcd_event *ev = NULL;
	size_t n_parts = w->n_parts, n = 0;

	loop_part("etcd's watch", NULL);
	w->n_parts = 0;
	for (size_t i = 0; i < n_parts; i++) {
		ev = xrealloc(ev, (n + parts[i]->n_events) * sizeof(*ev));
		for (size_t k = 0; k < parts[i]->n_events; k++)
			if (parts[i]->events[k]->kv)
				ev[n++] = event_of(parts[i]->events[k]);
	}
	/* header.revision is the store's; while old events are sent in pieces only this much has come. */
	if (n)
		w->cb(w->data, 0, ev, n, ev[n - 1].kv.mod_revision);
	for (size_t i = 0; i < n_parts; i++)
		etcdserverpb__watch_response__free_unpacked(parts[i], &etcd_pb_allocator);
	free(parts);
}

/* A refused creation carries -1 for its number: it is the oldest that was not confirmed. */
static struct etcd_watch *oldest_unconfirmed(struct etcd_watcher *wr)
{
	struct etcd_watch *w, *tmp, *oldest = NULL;

	HASH_ITER(hh, wr->watches, w, tmp)
		if (!w->created && (!oldest || w->id < oldest->id))
			oldest = w;
	return oldest;
}

static void on_message(void *data, const void *p, size_t len)
{
	struct etcd_watcher *wr = data;
	Etcdserverpb__WatchResponse *m = etcdserverpb__watch_response__unpack(&etcd_pb_allocator, len, p);
	int64_t id, revision;
	struct etcd_watch *w;

	if (!m)
		return;
	id = m->watch_id;
	HASH_FIND(hh, wr->watches, &id, sizeof(id), w);
	if (!w && m->canceled && id == -1)
		w = oldest_unconfirmed(wr);
	if (!w)
		goto out;
	revision = m->header ? m->header->revision : 0;
	if (m->canceled) {
		bool compacted = m->compact_revision || strstr(m->cancel_reason, "compacted");

		revision = compacted ? m->compact_revision : revision;
		stop(w);
		w->cb(w->data, compacted ? -EKEYEXPIRED : -EAGAIN, NULL, 0, revision);
	} else if (m->created) {
		w->created = true;
		w->cb(w->data, 0, NULL, 0, w->from_now ? revision : 0);
	} else if (m->n_events || w->n_parts) {
		bool whole = !m->fragment;

		w->parts = xrealloc(w->parts, (w->n_parts + 1) * sizeof(*w->parts));
		w->parts[w->n_parts++] = TAKE_PTR(m);
		if (whole)
			deliver_events(w);
	} else {
		w->cb(w->data, 0, NULL, 0, revision);
	}
out:
	if (m)
		etcdserverpb__watch_response__free_unpacked(m, &etcd_pb_allocator);
}

static void on_end(void *data, int status, const char *msg)
{
	struct etcd_watcher *wr = data;
	struct etcd_watch *w, *tmp;

	wr->stream = NULL;
	HASH_ITER(hh, wr->watches, w, tmp) {
		stop(w);
		DL_APPEND(wr->failed, w);
	}
	if (status == GRPC_UNAVAILABLE)
		grpc_channel_next_target(wr->ch);
	/* Each callback may close any watch and open new ones. */
	while ((w = wr->failed)) {
		DL_DELETE(wr->failed, w);
		w->prev = NULL;
		w->cb(w->data, -EAGAIN, NULL, 0, 0);
	}
}

static const struct grpc_stream_ops stream_ops = { .on_message = on_message, .on_end = on_end };

static void send_request(struct etcd_watcher *wr, const Etcdserverpb__WatchRequest *m)
{
	size_t len;
	_cleanup_free_ void *p = etcd_pb_pack(&m->base, &len);

	grpc_stream_send(wr->stream, p, len);
}

struct etcd_watch *etcd_watch(struct etcd *e, const char *key, const char *range_end,
			      int64_t start_revision, bool prev, etcd_watch_cb cb, void *data)
{
	Etcdserverpb__WatchRequest m = ETCDSERVERPB__WATCH_REQUEST__INIT;
	Etcdserverpb__WatchCreateRequest create = ETCDSERVERPB__WATCH_CREATE_REQUEST__INIT;
	struct etcd_watcher *wr = etcd_get_watcher(e);
	struct etcd_watch *w = xnew0(struct etcd_watch);

	w->wr = wr;
	w->id = ++wr->last_id;
	w->from_now = !start_revision;
	w->cb = cb;
	w->data = data;
	HASH_ADD(hh, wr->watches, id, sizeof(w->id), w);
	if (!wr->stream)
		wr->stream = grpc_stream_open(wr->ch, "/etcdserverpb.Watch/Watch", &stream_ops, wr);
	create.key = etcd_pb_key(key);
	if (range_end)
		create.range_end = etcd_pb_key(range_end);
	create.start_revision = start_revision;
	create.progress_notify = true;
	create.prev_kv = prev;
	create.fragment = true;
	create.watch_id = w->id;
	m.request_union_case = ETCDSERVERPB__WATCH_REQUEST__REQUEST_UNION_CREATE_REQUEST;
	m.create_request = &create;
	send_request(wr, &m);
	return w;
}

void etcd_watch_close(struct etcd_watch *w)
{
	Etcdserverpb__WatchRequest m = ETCDSERVERPB__WATCH_REQUEST__INIT;
	Etcdserverpb__WatchCancelRequest cancel = ETCDSERVERPB__WATCH_CANCEL_REQUEST__INIT;

	if (!w)
		return;
	if (w->over) {
		if (w->prev)
			DL_DELETE(w->wr->failed, w);
	} else {
		cancel.watch_id = w->id;
		m.request_union_case = ETCDSERVERPB__WATCH_REQUEST__REQUEST_UNION_CANCEL_REQUEST;
		m.cancel_request = &cancel;
		if (w->wr->stream)
			send_request(w->wr, &m);
		stop(w);
	}
	free(w);
}

struct etcd_watcher *etcd_watcher_new(struct grpc_channel *ch)
{
	struct etcd_watcher *wr = xnew0(struct etcd_watcher);

	wr->ch = ch;
	return wr;
}

void etcd_watcher_free(struct etcd_watcher *wr)
{
	struct etcd_watch *w, *tmp;

	if (!wr)
		return;
	HASH_ITER(hh, wr->watches, w, tmp) {
		stop(w);
		free(w);
	}
	grpc_stream_close(wr->stream);
	free(wr);
}
