// SPDX-License-Identifier: GPL-2.0-or-later
/* api.c - see api.h */
#include "agent/api.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "agent/cri_log.h"
#include "base/loop.h"
#include "base/metrics.h"

#define READ_BLOCK	65536
#define BACKLOG_MAX	(1024 * 1024)	/* bytes a slow reader may be behind before we wait for it */
#define RECHECK_US	500000		/* has the container ended? has the reader caught up? */

struct agent_api {
	sd_event *loop;
	struct http_server *server;
	struct pods *pods;
	struct log_stream *streams;
};

/* One reader of one log. */
struct log_stream {
	struct agent_api *api;
	struct log_stream *prev, *next;
	struct http_request *req;
	char *ns, *pod, *container, *path;
	bool follow;
	uint64_t rotated_us;	/* when path was seen to be another file; 0: it is ours */
	int fd, watch_fd;
	sd_event_source *watch;
	struct loop_timer timer;
	struct log_format format;
};

static void stream_free(struct log_stream *s)
{
	if (s->prev)
		s->prev->next = s->next;
	else
		s->api->streams = s->next;
	if (s->next)
		s->next->prev = s->prev;
	loop_timer_stop(&s->timer);
	loop_source_drop(&s->watch);
	closep(&s->watch_fd);
	closep(&s->fd);
	log_format_clear(&s->format);
	free(s->ns);
	free(s->pod);
	free(s->container);
	free(s->path);
	free(s);
}

static void on_reader_gone(void *data)
{
	stream_free(data);
}

static int on_written(sd_event_source *src, int fd, uint32_t revents, void *data);

static int watch_file(struct log_stream *s)
{
	loop_source_drop(&s->watch);
	closep(&s->watch_fd);
	s->watch_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (s->watch_fd < 0 || inotify_add_watch(s->watch_fd, s->path, IN_MODIFY) < 0)
		return -errno;
	return sd_event_add_io(s->api->loop, &s->watch, s->watch_fd, EPOLLIN, on_written, s);
}

/* Goes over to the file that took the place of a rotated one, of which all was read: true. */
static bool follow_rotation(struct log_stream *s, bool growing)
{
	struct stat there, ours;
	int fd;

	if (stat(s->path, &there) < 0 || fstat(s->fd, &ours) < 0 ||
	    (there.st_ino == ours.st_ino && there.st_dev == ours.st_dev))
		return false;
	/* The runtime may have a last line for the old file when the new one is there already. */
	if (!s->rotated_us)
		s->rotated_us = now_monotonic_us();
	if (growing && now_monotonic_us() - s->rotated_us < RECHECK_US)
		return false;
	fd = open(s->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	closep(&s->fd);
	s->fd = fd;
	s->rotated_us = 0;
	/* Without a watch it is looked at every RECHECK_US all the same. */
	watch_file(s);
	return true;
}

/* Sends what the file has; ends the stream when there is nothing more to come. */
static void pump(void *data)
{
	struct log_stream *s = data;
	/* Asked before reading: what a container wrote before it ended is then read for sure. */
	bool growing = s->follow && pods_log_is_growing(s->api->pods, s->ns, s->pod, s->container, s->path);
	_cleanup_free_ char *block = xmalloc(READ_BLOCK);
	ssize_t n = 0;

	while (!s->format.full && http_stream_backlog(s->req) < BACKLOG_MAX &&
	       (n = read(s->fd, block, READ_BLOCK)) > 0) {
		struct buf out = { 0 };

		log_format_feed(&s->format, block, (size_t)n, &out);
		if (out.len)
			http_stream_write(s->req, out.data, out.len);
		buf_free(&out);
	}
	if (s->follow && n == 0 && !s->format.full && follow_rotation(s, growing)) {
		loop_timer_start(&s->timer, 0);
		return;
	}
	if (s->format.full || (n <= 0 && !growing && http_stream_backlog(s->req) < BACKLOG_MAX)) {
		http_stream_end(s->req);
		stream_free(s);
		return;
	}
	loop_timer_start(&s->timer, http_stream_backlog(s->req) ? RECHECK_US / 10 : RECHECK_US);
}

static int on_written(sd_event_source *src, int fd, uint32_t revents, void *data)
{
	struct log_stream *s = data;
	char events[4096];

	while (read(fd, events, sizeof(events)) > 0)
		;
	loop_timer_start(&s->timer, 0);
	return 0;
}

static void respond(struct http_request *req, int status, const char *text)
{
	http_respond(req, status, "text/plain; charset=utf-8", text, strlen(text), NULL);
}

static bool flag(const struct http_request *req, const char *key)
{
	const char *v = http_request_query(req, key);

	return v && !streq(v, "false") && !streq(v, "0");
}

/* A whole number from the query; absent: dflt. false: it is none. */
static bool number(const struct http_request *req, const char *key, int64_t min, int64_t dflt, int64_t *ret)
{
	const char *v = http_request_query(req, key);

	*ret = dflt;
	return !v || parse_i64(v, min, INT64_MAX / 2000000, ret) == 0;
}

static bool read_options(const struct http_request *req, struct log_options *o, int64_t *tail)
{
	const char *since = http_request_query(req, "sinceTime"), *stream = http_request_query(req, "stream");
	int64_t seconds;

	o->timestamps = flag(req, "timestamps");
	o->no_stdout = streq(stream, "Stderr");
	o->no_stderr = streq(stream, "Stdout");
	if (!number(req, "tailLines", 0, -1, tail) || !number(req, "limitBytes", 1, -1, &o->limit) ||
	    !number(req, "sinceSeconds", 1, 0, &seconds))
		return false;
	if (seconds)
		o->since_us = now_realtime_us() - (uint64_t)seconds * 1000000;
	return !since || parse_time(since, &o->since_us) == 0;
}

static int stream_open(struct log_stream *s, int64_t tail)
{
	int64_t at;

	s->fd = open(s->path, O_RDONLY | O_CLOEXEC);
	if (s->fd < 0)
		return -errno;
	at = tail < 0 ? 0 : log_tail_offset(s->fd, tail);
	if (at < 0)
		return (int)at;
	lseek(s->fd, at, SEEK_SET);
	return s->follow ? watch_file(s) : 0;
}

static void serve_log(struct agent_api *a, struct http_request *req, const char *ns, const char *pod, const char *container)
{
	_cleanup_free_ char *msg = NULL, *path = NULL;
	struct log_options options = { 0 };
	struct log_stream *s;
	int64_t tail;
	int r;

	if (!read_options(req, &options, &tail)) {
		respond(req, 400, "tailLines, limitBytes, sinceSeconds or sinceTime is out of range");
		return;
	}
	r = pods_log_path(a->pods, ns, pod, container, flag(req, "previous"), &path, &msg);
	if (r < 0) {
		respond(req, r == -ENOENT ? 404 : 400, msg);
		return;
	}
	s = xnew0(struct log_stream);
	s->api = a;
	s->next = a->streams;
	if (s->next)
		s->next->prev = s;
	a->streams = s;
	s->req = req;
	s->ns = xstrdup(ns);
	s->pod = xstrdup(pod);
	s->container = xstrdup(container);
	s->path = TAKE_PTR(path);
	s->follow = flag(req, "follow");
	s->fd = s->watch_fd = -1;
	s->format.o = options;
	loop_timer_init(&s->timer, a->loop, pump, s);
	r = stream_open(s, tail);
	if (r < 0) {
		_cleanup_free_ char *why = xasprintf("cannot read the log of container \"%s\": %s", container, strerror(-r));

		stream_free(s);
		respond(req, r == -ENOENT ? 404 : 500, why);
		return;
	}
	http_stream_begin(req, 200, "text/plain; charset=utf-8", on_reader_gone, s);
	loop_timer_start(&s->timer, 0);
}

static void on_request(void *data, struct http_request *req)
{
	struct agent_api *a = data;
	const char *path = http_request_path(req);
	char ns[256], pod[256], container[256];

	if (!streq(http_request_method(req), "GET")) {
		respond(req, 405, "only GET is served here");
	} else if (streq(path, "/healthz")) {
		respond(req, 200, "ok");
	} else if (streq(path, "/metrics")) {
		struct buf text = {0};

		metrics_print(&text);
		http_respond(req, 200, METRICS_CONTENT_TYPE, text.data, text.len, NULL);
		buf_free(&text);
	} else if (streq(path, "/pods") || streq(path, "/pods/")) {
		_cleanup_json_ json *list = pods_list(a->pods);
		_cleanup_free_ char *text = json_print(list);

		http_respond(req, 200, "application/json", text, strlen(text), NULL);
	} else if (sscanf(path, "/containerLogs/%255[^/]/%255[^/]/%255[^/]", ns, pod, container) == 3) {
		serve_log(a, req, ns, pod, container);
	} else {
		respond(req, 404, "404 page not found");
	}
}

int agent_api_new(sd_event *loop, const struct http_server_config *config, struct pods *pods,
		  struct agent_api **ret, char **ret_msg)
{
	struct agent_api *a = xnew0(struct agent_api);
	int r;

	a->loop = loop;
	a->pods = pods;
	r = http_server_new(loop, config, on_request, a, &a->server, ret_msg);
	if (r < 0) {
		free(a);
		return r;
	}
	*ret = a;
	return 0;
}

void agent_api_free(struct agent_api *a)
{
	if (!a)
		return;
	while (a->streams) {
		struct http_request *req = a->streams->req;

		stream_free(a->streams);
		http_stream_end(req);
	}
	http_server_free(a->server);
	free(a);
}
