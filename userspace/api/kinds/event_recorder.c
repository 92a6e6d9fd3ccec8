// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * event_recorder.c - see event_recorder.h
 *
 * What was said lately is kept in one map: text of the event -> name of its
 * object and count. The map is bounded; the least recently said goes first, and
 * then the next such event simply starts a new object.
 *
 * Of one event at most one write is under way: a repetition meanwhile waits, so
 * that it can neither overtake the creation nor an older count a newer one.
 */
#include "api/kinds/event_recorder.h"

#include <ctype.h>
#include <errno.h>
#include <time.h>
#include <uthash.h>

#include "api/kinds/kinds.h"
#include "api/meta/view_meta.h"

#define RECORDER_MAX_SAID 4096
/* Events lie on a lease of an hour; one older than this is started anew instead of counted up. */
#define SAID_FOR_US (50ULL * 60 * 1000000)
#define NAME_MAX_LEN 253
#define STAMP_MAX_LEN 17		/* '.' and a number in hex */
#define CREATE_TRIES 3			/* with another name each */
#define SOURCE_BURST 25
#define SOURCE_REFILL_US (300ULL * 1000000)

/* One Event. */
struct said {
	char *key;		/* everything but the times */
	char *name;		/* of the Event */
	int64_t count;
	uint64_t made;		/* when the Event was created */
	bool exists;		/* the server has it */
	struct call *call;	/* the write under way, or NULL */
	json *waiting;		/* the Event as it is to be after that; NULL: nothing happened since */
	UT_hash_handle hh;	/* in order of use: oldest first */
};

/* A write under way; it may outlive the recorder. */
struct call {
	struct event_recorder *recorder;
	struct said *said;	/* NULL: forgotten meanwhile */
	json *event;		/* as it is after this write */
	int tries;
};

/* How much one object may still say. */
struct source {
	char *key;
	double tokens;
	uint64_t at;		/* when tokens was right */
	UT_hash_handle hh;	/* in order of use */
};

struct event_recorder {
	struct store *store;
	char *component, *host;
	struct said *said;
	struct source *sources;
};

struct event_recorder *recorder_new(struct store *s, const char *component, const char *host)
{
	struct event_recorder *r = xnew0(struct event_recorder);

	r->store = s;
	r->component = xstrdup(component);
	r->host = host ? xstrdup(host) : NULL;
	return r;
}

static void said_drop(struct event_recorder *r, struct said *s)
{
	HASH_DEL(r->said, s);
	if (s->call)
		s->call->said = NULL;
	cJSON_Delete(s->waiting);
	free(s->key);
	free(s->name);
	free(s);
}

static void source_drop(struct event_recorder *r, struct source *s)
{
	HASH_DEL(r->sources, s);
	free(s->key);
	free(s);
}

void recorder_free(struct event_recorder *r)
{
	struct said *s, *ns;
	struct source *o, *no;

	if (!r)
		return;
	HASH_ITER(hh, r->said, s, ns)
		said_drop(r, s);
	HASH_ITER(hh, r->sources, o, no)
		source_drop(r, o);
	free(r->component);
	free(r->host);
	free(r);
}

/* Takes one of the object's tokens; false when it has none. */
static bool source_may(struct event_recorder *r, const char *key, uint64_t now)
{
	struct source *s;

	HASH_FIND_STR(r->sources, key, s);
	if (s) {
		HASH_DEL(r->sources, s);
	} else {
		s = xnew0(struct source);
		s->key = xstrdup(key);
		s->tokens = SOURCE_BURST;
		s->at = now;
	}
	if (now > s->at)
		s->tokens += (double)(now - s->at) / SOURCE_REFILL_US;
	if (s->tokens > SOURCE_BURST)
		s->tokens = SOURCE_BURST;
	s->at = now;
	HASH_ADD_KEYPTR(hh, r->sources, s->key, strlen(s->key), s);
	if (HASH_COUNT(r->sources) > RECORDER_MAX_SAID)
		source_drop(r, r->sources);
	if (s->tokens < 1)
		return false;
	s->tokens -= 1;
	return true;
}

static json *event_object(const struct event_recorder *r, const struct resource *res,
			  const json *regarding, const char *field_path, const char *type,
			  const char *reason, const char *message, const struct said *s, uint64_t now)
{
	_cleanup_free_ char *api_version = api_version_of(res);
	json *e = json_new_object(), *m, *o, *src;
	char first[32], last[32];

	format_time(s->made, first);
	format_time(now, last);
	json_set_str(e, "apiVersion", "v1");
	json_set_str(e, "kind", "Event");
	m = json_obj(e, "metadata");
	json_set_str(m, "name", s->name);
	json_set_str(m, "namespace", meta_namespace(regarding) ?: "default");
	o = json_obj(e, "involvedObject");
	json_set_str(o, "apiVersion", api_version);
	json_set_str(o, "kind", res->kind);
	json_set_str(o, "namespace", meta_namespace(regarding));
	json_set_str(o, "name", meta_name(regarding));
	json_set_str(o, "uid", meta_uid(regarding));
	json_set_str(o, "resourceVersion",
		     json_str(json_get(regarding, "metadata", "resourceVersion")));
	json_set_str(o, "fieldPath", field_path);
	json_set_str(e, "type", type);
	json_set_str(e, "reason", reason);
	json_set_str(e, "message", message);
	json_set_str(e, "firstTimestamp", first);
	json_set_str(e, "lastTimestamp", last);
	json_set_int(e, "count", s->count);
	src = json_obj(e, "source");
	json_set_str(src, "component", r->component);
	json_set_str(src, "host", r->host);
	json_set_str(e, "reportingComponent", r->component);
	json_set_str(e, "reportingInstance", r->host ?: "");
	return e;
}

/*
 * A name that no other Event has: the object's, and a number that tells the time
 * and grows with every event of this process, whoever records it. Other
 * processes are kept apart by its last digits, the clock's nanoseconds.
 */
static char *event_name(const char *object, uint64_t now)
{
	static uint64_t last;
	size_t n = strlen(object);
	struct timespec t;
	uint64_t stamp;

	clock_gettime(CLOCK_REALTIME, &t);
	stamp = now * 1000 + t.tv_nsec % 1000;
	if (stamp <= last)
		stamp = last + 1;
	last = stamp;
	if (n > NAME_MAX_LEN - STAMP_MAX_LEN) {
		n = NAME_MAX_LEN - STAMP_MAX_LEN;
		while (n && !isalnum((unsigned char)object[n - 1]))
			n--;
	}
	return xasprintf("%.*s.%llx", (int)n, object, (unsigned long long)stamp);
}

static void answered(void *data, const struct store_result *res);

/* Makes the server's Event the one given, which is taken. */
static void write_event(struct event_recorder *r, struct said *s, json *event, int tries)
{
	struct call *c = xnew0(struct call);
	const char *ns = meta_namespace(event);

	*c = (struct call){ .recorder = r, .said = s, .event = event, .tries = tries };
	s->call = c;
	if (s->exists) {
		_cleanup_json_ json *patch = json_new_object();

		json_set(patch, "count", json_clone(json_get(event, "count")));
		json_set(patch, "lastTimestamp", json_clone(json_get(event, "lastTimestamp")));
		store_patch(r->store, &res_events, ns, s->name, NULL, STORE_PATCH_MERGE, patch, answered, c);
	} else {
		store_create(r->store, &res_events, ns, s->name, NULL, event, answered, c);
	}
}

static void answered(void *data, const struct store_result *res)
{
	_cleanup_free_ struct call *c = data;
	_cleanup_json_ json *event = c->event;
	struct said *s = c->said;
	bool name_taken;

	if (!s)
		return;
	s->call = NULL;
	name_taken = !s->exists && res->err == -EEXIST && c->tries < CREATE_TRIES;
	if (res->err == 0) {
		s->exists = true;
	} else if (name_taken || (s->exists && res->err == -ENOENT)) {
		/* Somebody else's name, or ours was deleted: a new one says what this one should have. */
		s->exists = false;
		free(s->name);
		s->name = event_name(json_str(json_get(event, "involvedObject", "name")), s->made);
		if (!s->waiting)
			s->waiting = TAKE_PTR(event);
	}
	if (s->waiting) {
		json_set_str(json_get(s->waiting, "metadata"), "name", s->name);
		write_event(c->recorder, s, TAKE_PTR(s->waiting), name_taken ? c->tries + 1 : 1);
	} else if (!s->exists) {
		said_drop(c->recorder, s);
	}
}

void recorder_event(struct event_recorder *r, const struct resource *res, const json *regarding,
		    const char *field_path, const char *type, const char *reason,
		    const char *message, uint64_t now)
{
	const char *name = meta_name(regarding);
	_cleanup_free_ char *source = NULL, *key = NULL;
	struct said *s;
	json *event;

	if (!name)
		return;
	source = xasprintf("%s/%s/%s/%s/%s", res->group, res->plural, meta_namespace(regarding) ?: "", name,
			   meta_uid(regarding) ?: "");
	if (!source_may(r, source, now))
		return;
	key = xasprintf("%s/%s/%s/%s/%s", source, field_path ?: "", type, reason, message);
	HASH_FIND_STR(r->said, key, s);
	if (s && now > s->made + SAID_FOR_US) {
		said_drop(r, s);
		s = NULL;
	}
	if (s) {
		HASH_DEL(r->said, s);
		s->count++;
	} else {
		s = xnew0(struct said);
		s->key = TAKE_PTR(key);
		s->name = event_name(name, now);
		s->count = 1;
		s->made = now;
	}
	HASH_ADD_KEYPTR(hh, r->said, s->key, strlen(s->key), s);
	if (HASH_COUNT(r->said) > RECORDER_MAX_SAID)
		said_drop(r, r->said);
	event = event_object(r, res, regarding, field_path, type, reason, message, s, now);
	if (s->call) {
		cJSON_Delete(s->waiting);
		s->waiting = event;
	} else {
		write_event(r, s, event, 1);
	}
}
