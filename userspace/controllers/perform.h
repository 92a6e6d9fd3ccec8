/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * perform.h - one round: the actions of one reconcile, performed through the store
 *
 * Used by runner.c only.
 */
#ifndef KEELSON_CONTROLLERS_PERFORM_H
#define KEELSON_CONTROLLERS_PERFORM_H

#include "api/kinds/event_recorder.h"
#include "base/loop_work.h"
#include "controllers/actions.h"

/* A revision that a round wrote. */
struct written {
	const struct resource *res;
	int64_t rv;
};

/* How a round ended, the worst last. */
enum round_outcome {
	ROUND_DONE,	/* everything succeeded */
	ROUND_AGAIN,	/* ACTION_DELETE_ALL found objects: ask again soon */
	ROUND_STALE,	/* somebody else was faster, or a question was answered with no */
	ROUND_FAILED,
};

struct round_result {
	struct round *round;		/* about to be freed; NULL when it ended within round_start() */
	enum round_outcome outcome;
	const char *message;		/* ROUND_FAILED: the first failure, with the object's name */
	char *const *told;		/* the server's different sentences of failures with a fail_reason, some of many */
	size_t n_told;
	uint64_t requeue_us;		/* as in struct actions */
	const struct written *written;	/* the newest revision of each kind written */
	size_t n_written;
};
/* Everything in the result is borrowed. */
typedef void (*round_cb)(void *data, const struct round_result *res);

struct round {
	struct round *prev, *next;	/* for the owner's list */
	struct store *store;
	struct event_recorder *recorder;
	struct actions actions;		/* what it performs */
	const struct resource *about_res;
	json *about;			/* the metadata of whom events are about, or NULL */
	uint64_t now;			/* of the reconcile; stamps events */
	size_t next_action;		/* the first that was not started */
	size_t stage_end;		/* the first of the next stage */
	struct loop_work start;		/* starts those before it */
	bool starves;			/* waits until others have had their answers */
	struct round *sprev, *snext;
	unsigned pending;		/* answers outstanding */
	char **more;			/* for each action: a list's next part, or NULL */
	enum round_outcome outcome;
	char *message;
	char **told;
	size_t n_told;
	struct written *written;
	size_t n_written;
	round_cb cb;			/* NULL once abandoned */
	void *data;
};

/*
 * Takes the actions. done is called once: from the loop, and then the round,
 * which was returned here, is freed; or, where there was nothing to write,
 * before this returns NULL. store and recorder are borrowed.
 */
struct round *round_start(sd_event *loop, struct store *s, struct event_recorder *recorder, struct actions *actions,
			  uint64_t now, round_cb done, void *data);
/* The callback will not be called; what was sent to the store is, of course, sent, and nothing more is. */
void round_abandon(struct round *r);

#endif
