// SPDX-License-Identifier: GPL-2.0-or-later
/* pod_book.c - see pod_book.h */
#include "agent/pod_book.h"

void retry_failed(struct retry *r, const char *reason, const char *message, unsigned first,
		  unsigned max, uint64_t now_us)
{
	uint64_t delay = first;
	char *why = xstrdup(reason), *text = xstrdup(message ?: "");

	for (unsigned i = 0; i < r->failures && delay < max; i++)
		delay *= 2;
	free(r->reason);
	free(r->message);
	r->reason = why;
	r->message = text;
	r->failures++;
	r->failed_us = now_us;
	r->next_us = now_us + (delay < max ? delay : max) * SEC_US;
}

void retry_clear(struct retry *r)
{
	free(r->reason);
	free(r->message);
	memset(r, 0, sizeof(*r));
}

const struct container_book *pod_book_find(const struct pod_book *b, const char *name)
{
	for (size_t i = 0; i < b->n_containers; i++)
		if (streq(b->containers[i]->name, name))
			return b->containers[i];
	return NULL;
}

struct container_book *pod_book_container(struct pod_book *b, const char *name)
{
	struct container_book *c = (struct container_book *)pod_book_find(b, name);

	if (c)
		return c;
	c = xnew0(struct container_book);
	c->name = xstrdup(name);
	b->containers = xrealloc(b->containers, (b->n_containers + 1) * sizeof(*b->containers));
	b->containers[b->n_containers++] = c;
	return c;
}

void pod_book_clear(struct pod_book *b)
{
	for (size_t i = 0; i < b->n_containers; i++) {
		struct container_book *c = b->containers[i];

		free(c->name);
		free(c->probed_id);
		free(c->unhealthy_id);
		free(c->unhealthy_message);
		free(c->stopping_id);
		retry_clear(&c->start);
		free(c);
	}
	free(b->containers);
	retry_clear(&b->sandbox);
	retry_clear(&b->cleanup);
	free(b->stopped_sandbox);
	memset(b, 0, sizeof(*b));
}
