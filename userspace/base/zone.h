/* SPDX-License-Identifier: GPL-2.0-or-later */
/* zone.h - time zones from the system's database (RFC 8536), without the process's own zone being touched */
#ifndef KEELSON_BASE_ZONE_H
#define KEELSON_BASE_ZONE_H

#include <stddef.h>
#include <stdint.h>

struct zone;

/* "Europe/Berlin"; "UTC" needs no database. -ENOENT if there is no such zone, -EINVAL if its file cannot be read. */
int zone_load(const char *name, struct zone **ret);
/* The contents of such a file. */
int zone_parse(const char *data, size_t len, struct zone **ret);
void zone_free(struct zone *z);
static inline void zone_freep(struct zone **z)
{
	zone_free(*z);
}
#define _cleanup_zone_ _cleanup_(zone_freep)

/* Seconds east of Greenwich at a time in seconds since the epoch; z NULL: UTC. */
int64_t zone_offset(const struct zone *z, int64_t at);
/* The time at which clocks there show it, `local` being such seconds as if the place were at Greenwich. */
int64_t zone_time(const struct zone *z, int64_t local);

/* Days since the epoch of a day of the Gregorian calendar; month 1-12, may be out of range like day. */
int64_t days_of_date(int64_t year, int64_t month, int64_t day);
/* And back. */
void date_of_days(int64_t days, int64_t *ret_year, int *ret_month, int *ret_day);

#endif
