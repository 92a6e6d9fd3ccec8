// SPDX-License-Identifier: GPL-2.0-or-later
/* zone.c - see zone.h */
#include "base/zone.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/util.h"

#define DATABASE "/usr/share/zoneinfo"
#define FILE_MAX (1024 * 1024)
#define DAY 86400

/* --- the calendar --------------------------------------------------------------- */

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Years are counted from March: the day that comes and goes is the last one then. */
int64_t days_of_date(int64_t year, int64_t month, int64_t day)
{
	int64_t era, of_era, of_year;

	year += floor_div(month - 1, 12);
	month -= floor_div(month - 1, 12) * 12;
	year -= month <= 2;
	era = floor_div(year, 400);
	of_era = year - era * 400;
	of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void date_of_days(int64_t days, int64_t *ret_year, int *ret_month, int *ret_day)
{
	int64_t era, of_era, year, of_year, month;

	days += 719468;
	era = floor_div(days, 146097);
	of_era = days - era * 146097;
	year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	of_year = of_era - (365 * year + year / 4 - year / 100);
	month = (5 * of_year + 2) / 153;
	*ret_day = of_year - (153 * month + 2) / 5 + 1;
	*ret_month = month < 10 ? month + 3 : month - 9;
	*ret_year = year + era * 400 + (*ret_month <= 2);
}

/* --- rules for the time after the last change that is listed: "CET-1CEST,M3.5.0,M10.5.0/3" --- */

struct change {
	char kind;		/* 'M': month, week, day of the week; 'J': day without 29 February; 'N': with it */
	int month, week, day;
	int64_t time;		/* seconds after midnight, of the clock that is changed */
};

struct rules {
	bool any, daylight;
	int64_t standard, summer;	/* seconds east */
	struct change begin, end;	/* of summer time */
};

static bool read_number(const char **s, int min, int max, int *ret)
{
	int v = 0, digits = 0;

	while (isdigit((unsigned char)**s) && digits++ < 4)
		v = v * 10 + *(*s)++ - '0';
	*ret = v;
	return digits && v >= min && v <= max;
}

/* "-5", "2:30", "26:00:00" */
static bool read_clock(const char **s, int64_t *ret)
{
	bool minus = **s == '-';
	int part[3] = {0};

	*s += **s == '-' || **s == '+';
	for (int i = 0; i < 3; i++) {
		if (i && **s != ':')
			break;
		*s += i > 0;
		if (!read_number(s, 0, i ? 59 : 167, &part[i]))
			return false;
	}
	*ret = (part[0] * 3600 + part[1] * 60 + part[2]) * (minus ? -1 : 1);
	return true;
}

static bool skip_name(const char **s)
{
	const char *start = *s;

	if (**s == '<') {
		*s += strcspn(*s, ">");
		return *(*s)++ == '>';
	}
	while (isalpha((unsigned char)**s))
		(*s)++;
	return *s - start >= 3;
}

static bool read_change(const char **s, struct change *c)
{
	bool ok;

	c->time = 2 * 3600;
	if (*(*s)++ != ',')
		return false;
	c->kind = **s == 'M' || **s == 'J' ? *(*s)++ : 'N';
	if (c->kind == 'M')
		ok = read_number(s, 1, 12, &c->month) && *(*s)++ == '.' && read_number(s, 1, 5, &c->week) &&
		     *(*s)++ == '.' && read_number(s, 0, 6, &c->day);
	else
		ok = read_number(s, c->kind == 'J', 365, &c->day);
	if (!ok || **s != '/')
		return ok;
	(*s)++;
	return read_clock(s, &c->time);
}

static bool read_rules(const char *s, struct rules *r)
{
	int64_t west;

	if (!*s)
		return true;	/* nothing changes any more */
	if (!skip_name(&s) || !read_clock(&s, &west))
		return false;
	r->any = true;
	r->standard = -west;
	if (!*s)
		return true;
	if (!skip_name(&s))
		return false;
	r->daylight = true;
	r->summer = r->standard + 3600;
	if (*s != ',') {
		if (!read_clock(&s, &west))
			return false;
		r->summer = -west;
	}
	return read_change(&s, &r->begin) && read_change(&s, &r->end) && !*s;
}

static bool is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 || year % 400 == 0);
}

/* The change in that year, as the clock shows it that is changed. */
static int64_t local_change(const struct change *c, int64_t year)
{
	int64_t first, day;

	if (c->kind != 'M') {
		day = days_of_date(year, 1, 1) + c->day - (c->kind == 'J');
		day += c->kind == 'J' && is_leap(year) && c->day >= 60;
		return day * DAY + c->time;
	}
	first = days_of_date(year, c->month, 1);
	/* 1 January 1970 was a Thursday. */
	day = first + ((c->day - (first + 4)) % 7 + 7) % 7 + (c->week - 1) * 7;
	if (day >= days_of_date(year, c->month + 1, 1))
		day -= 7;
	return day * DAY + c->time;
}

static int64_t offset_by_rules(const struct rules *r, int64_t at)
{
	int64_t year, begin, end;
	int month, day;
	bool summer;

	if (!r->daylight)
		return r->standard;
	date_of_days(floor_div(at + r->standard, DAY), &year, &month, &day);
	begin = local_change(&r->begin, year) - r->standard;
	end = local_change(&r->end, year) - r->summer;
	summer = begin < end ? at >= begin && at < end : at >= begin || at < end;
	return summer ? r->summer : r->standard;
}

/* --- files -------------------------------------------------------------------------- */

struct zone {
	size_t n;
	int64_t *from;		/* when each begins, rising */
	int64_t *offset;	/* what it is then */
	int64_t before;		/* what it is before the first */
	struct rules rules;	/* after the last */
};

/* Numbers in a file are big-endian. */
static int64_t read_be(const unsigned char *p, int bytes)
{
	int64_t v = p[0] & 0x80 ? -1 : 0;

	for (int i = 0; i < bytes; i++)
		v = (int64_t)((uint64_t)v << 8 | p[i]);
	return v;
}

struct header {
	int64_t utc, std, leap, times, types, chars;
};

#define HEADER 44

static bool read_header(const unsigned char *p, size_t len, struct header *h)
{
	int64_t *const fields[] = { &h->utc, &h->std, &h->leap, &h->times, &h->types, &h->chars };

	if (len < HEADER || memcmp(p, "TZif", 4))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		*fields[i] = read_be(p + 20 + i * 4, 4);
		if (*fields[i] < 0 || *fields[i] > FILE_MAX)
			return false;
	}
	return h->types > 0;
}

static size_t block_size(const struct header *h, int bytes)
{
	return h->times * (bytes + 1) + h->types * 6 + h->chars + h->leap * (bytes + 4) + h->std + h->utc;
}

static bool read_block(struct zone *z, const unsigned char *p, const struct header *h, int bytes)
{
	const unsigned char *types = p + h->times * (bytes + 1);

	z->from = xcalloc(h->times + 1, sizeof(*z->from));
	z->offset = xcalloc(h->times + 1, sizeof(*z->offset));
	for (int64_t i = 0; i < h->times; i++) {
		unsigned char type = p[h->times * bytes + i];

		if (type >= h->types)
			return false;
		z->from[i] = read_be(p + i * bytes, bytes);
		z->offset[i] = read_be(types + type * 6, 4);
	}
	z->n = h->times;
	z->before = read_be(types, 4);
	return true;
}

static bool read_zone(struct zone *z, const unsigned char *p, size_t len)
{
	_cleanup_free_ char *footer = NULL;
	struct header h;
	size_t size;

	if (!read_header(p, len, &h) || len - HEADER < block_size(&h, 4))
		return false;
	if (p[4] < '2')
		return read_block(z, p + HEADER, &h, 4);
	/* The same follows with room for more years. */
	size = HEADER + block_size(&h, 4);
	p += size;
	len -= size;
	if (!read_header(p, len, &h) || len - HEADER < block_size(&h, 8) || !read_block(z, p + HEADER, &h, 8))
		return false;
	size = HEADER + block_size(&h, 8);
	if (len < size + 2 || p[size] != '\n' || p[len - 1] != '\n')
		return false;
	footer = xstrndup((const char *)p + size + 1, len - size - 2);
	return read_rules(footer, &z->rules);
}

int zone_parse(const char *data, size_t len, struct zone **ret)
{
	struct zone *z = xnew0(struct zone);

	if (!read_zone(z, (const unsigned char *)data, len)) {
		zone_free(z);
		return -EINVAL;
	}
	*ret = z;
	return 0;
}

int zone_load(const char *name, struct zone **ret)
{
	_cleanup_free_ char *path = NULL, *data = NULL;
	size_t len;

	if (streq(name, "UTC")) {
		*ret = xnew0(struct zone);
		return 0;
	}
	if (!*name || *name == '/' || strstr(name, "..") || strchr(name, '\\'))
		return -ENOENT;
	path = xasprintf(DATABASE "/%s", name);
	if (read_file(path, FILE_MAX, &data, &len))
		return -ENOENT;
	return zone_parse(data, len, ret);
}

void zone_free(struct zone *z)
{
	if (!z)
		return;
	free(z->from);
	free(z->offset);
	free(z);
}

/* --- use ------------------------------------------------------------------------------ */

int64_t zone_offset(const struct zone *z, int64_t at)
{
	size_t low = 0, high = z ? z->n : 0;

	if (!z)
		return 0;
	/* How many begin at or before that time. */
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (z->from[mid] <= at)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == z->n && z->rules.any)
		return offset_by_rules(&z->rules, at);
	return low ? z->offset[low - 1] : z->before;
}

int64_t zone_time(const struct zone *z, int64_t local)
{
	/* Near a change the offset is that of the time, not of what the clock shows. */
	int64_t at = local - zone_offset(z, local);

	return local - zone_offset(z, at);
}
