// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * event_recorder.c - see event_recorder.h
 *
 * What was said lately is kept in one map: text of the event -> name of its
 * object and count. The map is bounded; the least recently said goes first, and
 * then the next such event simply starts a new object.
 */
#include "api/kinds/event_recorder.h"

#include <uthash.h>

#include "api/kinds/kinds.h"
#include "api/meta/view_meta.h"

#define RECORDER_MAX_SAID 4096
/* Events lie on a lease of an hour; one older than this is started anew instead of counted up. */
#define SAID_FOR_US (50ULL * 60 * 1000000)
#define SOURCE_BURST 25
#define SOURCE_REFILL_US (300ULL * 1000000)

/* One event object that was made. */
struct said {
	char *key;		/* everything but the times */
	char *name;		/* of the Event */
	int64_t count;
	uint64_t made;		/* when the Event was created */
	UT_hash_handle hh;	/* in order of use: oldest first */
};

/* How much one object may still say. */
struct source {
	char *uid;
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
	free(s->key);
	free(s->name);
	free(s);
}

static void source_drop(struct event_recorder *r, struct source *s)
{
	HASH_DEL(r->sources, s);
	free(s->uid);
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
static bool source_may(struct event_recorder *r, const char *uid, uint64_t now)
{
	struct source *s;

	HASH_FIND_STR(r->sources, uid, s);
	if (s) {
		HASH_DEL(r->sources, s);
	} else {
		s = xnew0(struct source);
		s->uid = xstrdup(uid);
		s->tokens = SOURCE_BURST;
		s->at = now;
	}
	if (now > s->at)
		s->tokens += (double)(now - s->at) / SOURCE_REFILL_US;
	if (s->tokens > SOURCE_BURST)
		s->tokens = SOURCE_BURST;
	s->at = now;
	HASH_ADD_KEYPTR(hh, r->sources, s->uid, strlen(s->uid), s);
	if (HASH_COUNT(r->sources) > RECORDER_MAX_SAID)
		source_drop(r, r->sources);
	if (s->tokens < 1)
		return false;
	s->tokens -= 1;
	return true;
}

static void ignore_answer(void *data, const struct store_result *res)
{
}

static json *event_object(const struct event_recorder *r, const struct resource *res,
			  const json *regarding, const char *field_path, const char *type,
			  const char *reason, const char *message, const char *ns,
			  const char *name, const char *time)
{
	_cleanup_free_ char *api_version = api_version_of(res);
	json *e = json_new_object(), *m, *o, *src;

	json_set_str(e, "apiVersion", "v1");
	json_set_str(e, "kind", "Event");
	m = json_obj(e, "metadata");
	json_set_str(m, "name", name);
	json_set_str(m, "namespace", ns);
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
	json_set_str(e, "firstTimestamp", time);
	json_set_str(e, "lastTimestamp", time);
	json_set_int(e, "count", 1);
	src = json_obj(e, "source");
	json_set_str(src, "component", r->component);
	json_set_str(src, "host", r->host);
	json_set_str(e, "reportingComponent", r->component);
	json_set_str(e, "reportingInstance", r->host ?: "");
	return e;
}

void recorder_event(struct event_recorder *r, const struct resource *res, const json *regarding,
		    const char *field_path, const char *type, const char *reason,
		    const char *message, uint64_t now)
{
	const char *ns = meta_namespace(regarding) ?: "default";
	const char *name = meta_name(regarding), *uid = meta_uid(regarding);
	_cleanup_json_ json *body = NULL;
	_cleanup_free_ char *key = NULL;
	struct said *s;
	char time[32];

	if (!name)
		return;
	format_time(now, time);
	key = xasprintf("%s/%s/%s/%s/%s/%s/%s/%s", res->plural, ns, name, uid ?: "",
			field_path ?: "", type, reason, message);
	if (!source_may(r, uid ?: name, now))
		return;
	HASH_FIND_STR(r->said, key, s);
	if (s && now > s->made + SAID_FOR_US) {
		said_drop(r, s);
		s = NULL;
	}
	if (s) {
		HASH_DEL(r->said, s);
		HASH_ADD_KEYPTR(hh, r->said, s->key, strlen(s->key), s);
		body = json_new_object();
		json_set_int(body, "count", ++s->count);
		json_set_str(body, "lastTimestamp", time);
		store_patch(r->store, &res_events, ns, s->name, NULL, STORE_PATCH_MERGE, body,
			    ignore_answer, NULL);
		return;
	}
	s = xnew0(struct said);
	s->key = TAKE_PTR(key);
	s->name = xasprintf("%.200s.%llx", name, (unsigned long long)(now * 1000 + HASH_COUNT(r->said) % 1000));
	s->count = 1;
	s->made = now;
	HASH_ADD_KEYPTR(hh, r->said, s->key, strlen(s->key), s);
	if (HASH_COUNT(r->said) > RECORDER_MAX_SAID)
		said_drop(r, r->said);
	body = event_object(r, res, regarding, field_path, type, reason, message, ns, s->name, time);
	store_create(r->store, &res_events, ns, s->name, NULL, body, ignore_answer, NULL);
}
