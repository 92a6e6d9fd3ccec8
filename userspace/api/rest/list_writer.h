/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * list_writer.h - the answer to a list, written object by object
 *
 * A list that stays small is answered whole. One that does not becomes a stream
 * whose writer waits for its reader, so that it is never whole in memory; what
 * goes wrong from then on, the client sees as an answer that is cut off.
 */
#ifndef KEELSON_API_REST_LIST_WRITER_H
#define KEELSON_API_REST_LIST_WRITER_H

#include "api/registry/registry.h"
#include "api/rest/internal.h"

struct list_writer;
struct list_writer_ops {
	void (*go_on)(void *data);	/* the reader has caught up */
	void (*gone)(void *data);	/* the client is gone, and so is the writer with its call */
};

/* Takes the call. paged: metadata is not known before the end (continue, remainingItemCount). */
struct list_writer *list_writer_new(struct rest_call *c, bool paged, const struct list_writer_ops *ops, void *data);
/* rv: the list's. False: no more before go_on(). */
bool list_writer_item(struct list_writer *w, const json *obj, int64_t rv);
/* The last call: with end->status the list has failed. */
void list_writer_end(struct list_writer *w, const struct list_end *end);

#endif
