/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * labels.h - objects by their labels, and what selects by labels
 *
 * So that a changed pod finds its Services, and a Service its pods, without a
 * walk over the others of the namespace.
 */
#ifndef KEELSON_CONTROLLERS_LABELS_H
#define KEELSON_CONTROLLERS_LABELS_H

#include "controllers/runner.h"

/*
 * Indexes by label. Keys are "namespace/label=value"; index_orphans has only
 * objects without a controlling owner, and all of those under "namespace/" too.
 * Both are INDEX_EVERY.
 */
void index_by_labels(const json *obj, void (*emit)(void *, const char *), void *data);
void index_orphans(const json *obj, void (*emit)(void *, const char *), void *data);
/*
 * Objects of the namespace among which are all that have these labels: those of
 * the pair that fewest have. Without labels: what fn files under "namespace/".
 * The caller matches, and frees the array. Or their key only, to be freed too.
 */
char *informers_labelled_key(struct informers *set, const struct resource *r, index_fn fn, const char *ns,
			     const json *labels);
const json **informers_labelled(struct informers *set, const struct resource *r, index_fn fn, const char *ns,
				const json *labels, size_t *ret_n);

/*
 * The other way round: indexes of objects by what their spec.selector demands, a
 * LabelSelector or a map of labels (as a Service's). INDEX_ANY: one demand of each
 * is enough to find it.
 */
void index_by_label_selector(const json *obj, void (*emit)(void *, const char *), void *data);
void index_by_label_map(const json *obj, void (*emit)(void *, const char *), void *data);
/* Objects among which are all that select obj, in its namespace. The caller matches, and frees the array. */
const json **informers_selecting(struct informers *set, const struct resource *r, index_fn fn, const json *obj,
				 size_t *ret_n);

/*
 * What parent may claim: what it owns, and the orphans that it may select. Asks
 * for index_by_controller_uid and index_orphans. Caller frees the array.
 */
const json **find_candidates(struct informers *set, const struct resource *r, const json *parent, size_t *ret_n);
/* controller_watch.changed of a dependent that nobody controls: enqueues those (index_by_label_selector) that select it. */
void enqueue_adopters(struct runner *r, const struct resource *parents, const json *orphan);

#endif
