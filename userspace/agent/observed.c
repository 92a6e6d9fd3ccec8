// SPDX-License-Identifier: GPL-2.0-or-later
/* observed.c - see observed.h */
#include "agent/observed.h"

#include "agent/cri.h"

static uint64_t from_ns(int64_t ns)
{
	return ns > 0 ? (uint64_t)ns / 1000 : 0;
}

struct obs_sandbox *observed_add_sandbox(struct observed *o)
{
	o->sandboxes = xrealloc(o->sandboxes, (o->n_sandboxes + 1) * sizeof(*o->sandboxes));
	memset(&o->sandboxes[o->n_sandboxes], 0, sizeof(*o->sandboxes));
	return &o->sandboxes[o->n_sandboxes++];
}

struct obs_container *observed_add_container(struct observed *o)
{
	o->containers = xrealloc(o->containers, (o->n_containers + 1) * sizeof(*o->containers));
	memset(&o->containers[o->n_containers], 0, sizeof(*o->containers));
	return &o->containers[o->n_containers++];
}

static int newest_sandbox_first(const void *pa, const void *pb)
{
	const struct obs_sandbox *a = pa, *b = pb;

	if (a->attempt != b->attempt)
		return a->attempt > b->attempt ? -1 : 1;
	return a->created_us > b->created_us ? -1 : a->created_us < b->created_us;
}

static int by_name_newest_first(const void *pa, const void *pb)
{
	const struct obs_container *a = pa, *b = pb;
	int d = strcmp(a->name ?: "", b->name ?: "");

	if (d)
		return d;
	if (a->attempt != b->attempt)
		return a->attempt > b->attempt ? -1 : 1;
	return a->created_us > b->created_us ? -1 : a->created_us < b->created_us;
}

void observed_sort(struct observed *o)
{
	if (o->n_sandboxes)
		qsort(o->sandboxes, o->n_sandboxes, sizeof(*o->sandboxes), newest_sandbox_first);
	if (o->n_containers)
		qsort(o->containers, o->n_containers, sizeof(*o->containers), by_name_newest_first);
}

void observed_clear(struct observed *o)
{
	for (size_t i = 0; i < o->n_sandboxes; i++) {
		free(o->sandboxes[i].id);
		free(o->sandboxes[i].ip);
	}
	for (size_t i = 0; i < o->n_containers; i++) {
		struct obs_container *c = &o->containers[i];

		free(c->id);
		free(c->sandbox_id);
		free(c->name);
		free(c->image);
		free(c->image_ref);
		free(c->reason);
		free(c->message);
	}
	free(o->sandboxes);
	free(o->containers);
	memset(o, 0, sizeof(*o));
}

const struct obs_sandbox *observed_sandbox(const struct observed *o)
{
	return o->n_sandboxes ? &o->sandboxes[0] : NULL;
}

const struct obs_container *observed_container(const struct observed *o, const char *name)
{
	for (size_t i = 0; i < o->n_containers; i++)
		if (streq(o->containers[i].name, name))
			return &o->containers[i];
	return NULL;
}

const struct obs_container *observed_previous(const struct observed *o, const char *name)
{
	const struct obs_container *c = observed_container(o, name);

	if (!c || c + 1 == o->containers + o->n_containers)
		return NULL;
	return streq(c[1].name, name) ? c + 1 : NULL;
}

void obs_container_from_status(struct obs_container *c, const Cri__ContainerStatus *st)
{
	const char *failures = cri_pair(st->annotations, st->n_annotations, ANNOTATION_FAILURES);
	int64_t n = 0;

	free(c->image);
	free(c->image_ref);
	free(c->reason);
	free(c->message);
	c->image = xstrdup(st->image ? st->image->image : "");
	c->image_ref = xstrdup(st->image_ref);
	c->reason = xstrdup(st->reason);
	c->message = xstrdup(st->message);
	c->state = (enum container_state)st->state;
	c->created_us = from_ns(st->created_at);
	c->started_us = from_ns(st->started_at);
	c->finished_us = from_ns(st->finished_at);
	c->exit_code = st->exit_code;
	if (failures && parse_i64(failures, 0, UINT32_MAX, &n) == 0)
		c->failures = (uint32_t)n;
}
