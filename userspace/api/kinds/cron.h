/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cron.h - schedules: "30 2 * * mon-fri", "@daily", "@every 90s" */
#ifndef KEELSON_API_KINDS_CRON_H
#define KEELSON_API_KINDS_CRON_H

#include <stdint.h>

struct cron;
struct zone;

/*
 * -EINVAL with the reason in *ret_why, to free. "TZ=Europe/Berlin " may stand in
 * front; whether there is such a zone is not looked at.
 */
int cron_parse(const char *text, struct cron **ret, char **ret_why);
void cron_free(struct cron *c);
static inline void cron_freep(struct cron **c)
{
	cron_free(*c);
}
#define _cleanup_cron_ _cleanup_(cron_freep)

/* The zone in front of the text; NULL if there is none. */
const char *cron_zone(const struct cron *c);
/* The zone that such a text begins with, to free; NULL if it begins with none. */
char *cron_text_zone(const char *text);

/*
 * The first time after `after` (seconds since the epoch) that the schedule names,
 * by the clocks of that zone (NULL: UTC); -1 if there is none in five years.
 */
int64_t cron_next(const struct cron *c, const struct zone *zone, int64_t after);

#endif
