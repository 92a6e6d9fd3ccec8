// SPDX-License-Identifier: GPL-2.0-or-later
/* cron.c - see cron.h; what is understood, and what is said of the rest, is what Kubernetes' parser does */
#include "api/kinds/cron.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <strings.h>

#include "api/schema/strlist.h"
#include "base/json.h"
#include "base/util.h"
#include "base/zone.h"

enum unit { MINUTE, HOUR, DAY, MONTH, WEEKDAY, N_UNITS };

/* In a field: it said "*", so that it does not choose. */
#define STAR (UINT64_C(1) << 63)

struct cron {
	uint64_t fields[N_UNITS];	/* a bit for each value, and STAR */
	int64_t every;			/* seconds; 0: by the fields */
	char *zone;
};

/* --- reading ------------------------------------------------------------------------ */

static const struct bounds {
	unsigned min, max;
	const char *names;	/* of min, min + 1, ...; three letters each */
} bounds[N_UNITS] = {
	[MINUTE] = { 0, 59, NULL },
	[HOUR] = { 0, 23, NULL },
	[DAY] = { 1, 31, NULL },
	[MONTH] = { 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec" },
	[WEEKDAY] = { 0, 6, "sunmontuewedthufrisat" },
};

static char *quoted(const char *s)
{
	_cleanup_json_ json *j = json_new_str(s);

	return json_print(j);
}

static int read_number(const char *s, int64_t *ret, char **ret_why)
{
	const char *digits = s + (*s == '+' || *s == '-');
	_cleanup_free_ char *q = quoted(s);
	bool number = *digits && strspn(digits, "0123456789") == strlen(digits);

	if (!number || parse_i64(*s == '+' ? digits : s, INT64_MIN, INT64_MAX, ret)) {
		*ret_why = xasprintf("failed to parse int from %s: strconv.Atoi: parsing %s: %s", s, q,
				     number ? "value out of range" : "invalid syntax");
		return -EINVAL;
	}
	if (*ret < 0) {
		*ret_why = xasprintf("negative number (%lld) not allowed: %s", (long long)*ret, s);
		return -EINVAL;
	}
	return 0;
}

static int read_value(const char *s, const struct bounds *b, int64_t *ret, char **ret_why)
{
	for (unsigned i = 0; b->names && b->names[i * 3]; i++)
		if (strlen(s) == 3 && !strncasecmp(s, b->names + i * 3, 3)) {
			*ret = b->min + i;
			return 0;
		}
	return read_number(s, ret, ret_why);
}

/* Unlike strlist_split(): with the empty parts. */
static void split(struct strlist *l, const char *s, char sep)
{
	for (;;) {
		const char *end = strchrnul(s, sep);

		strlist_take(l, xstrndup(s, end - s));
		if (!*end)
			return;
		s = end + 1;
	}
}

/* "5", "1-4", "*": first and last; *ret_single says that there is no last one. */
static int read_bounds(const char *text, const char *expr, const struct bounds *b, int64_t range[2], bool *ret_single,
		       bool *ret_star, char **ret_why)
{
	_cleanup_strlist_ struct strlist ends = {0};

	split(&ends, text, '-');
	*ret_single = ends.n == 1;
	*ret_star = streq(ends.items[0], "*") || streq(ends.items[0], "?");
	if (*ret_star) {
		range[0] = b->min;
		range[1] = b->max;
		return 0;
	}
	if (read_value(ends.items[0], b, &range[0], ret_why))
		return -EINVAL;
	range[1] = range[0];
	if (ends.n > 2) {
		*ret_why = xasprintf("too many hyphens: %s", expr);
		return -EINVAL;
	}
	return ends.n == 2 ? read_value(ends.items[1], b, &range[1], ret_why) : 0;
}

static char *out_of_bounds(const struct bounds *b, const int64_t range[2], int64_t step, const char *expr)
{
	if (range[0] < b->min)
		return xasprintf("beginning of range (%lld) below minimum (%u): %s", (long long)range[0], b->min, expr);
	if (range[1] > b->max)
		return xasprintf("end of range (%lld) above maximum (%u): %s", (long long)range[1], b->max, expr);
	if (range[0] > range[1])
		return xasprintf("beginning of range (%lld) beyond end of range (%lld): %s", (long long)range[0],
				 (long long)range[1], expr);
	return step ? NULL : xasprintf("step of range should be a positive number: %s", expr);
}

/* One of the comma-separated parts of a field. */
static int read_range(const char *expr, const struct bounds *b, uint64_t *bits, char **ret_why)
{
	_cleanup_strlist_ struct strlist parts = {0};
	int64_t range[2], step = 1;
	bool single, star;

	split(&parts, expr, '/');
	if (read_bounds(parts.items[0], expr, b, range, &single, &star, ret_why))
		return -EINVAL;
	if (parts.n > 2) {
		*ret_why = xasprintf("too many slashes: %s", expr);
		return -EINVAL;
	}
	if (parts.n == 2) {
		if (read_number(parts.items[1], &step, ret_why))
			return -EINVAL;
		/* "5/10" goes on to the end. */
		if (single)
			range[1] = b->max;
		star = star && step <= 1;
	}
	*ret_why = out_of_bounds(b, range, step, expr);
	if (*ret_why)
		return -EINVAL;
	for (int64_t v = range[0]; v <= range[1]; v += step)
		*bits |= UINT64_C(1) << v;
	if (star)
		*bits |= STAR;
	return 0;
}

static int read_field(const char *text, const struct bounds *b, uint64_t *bits, char **ret_why)
{
	_cleanup_strlist_ struct strlist parts = {0};

	strlist_split(&parts, text, ',');
	for (size_t i = 0; i < parts.n; i++)
		if (*parts.items[i] && read_range(parts.items[i], b, bits, ret_why))
			return -EINVAL;
	return 0;
}

static int read_fields(struct cron *c, const char *text, char **ret_why)
{
	_cleanup_strlist_ struct strlist l = {0};
	struct buf b = {0};

	for (const char *p = text; *p;) {
		size_t n;

		p += strspn(p, " \t\n\v\f\r");
		n = strcspn(p, " \t\n\v\f\r");
		if (n)
			strlist_take(&l, xstrndup(p, n));
		p += n;
	}
	if (l.n != N_UNITS) {
		for (size_t i = 0; i < l.n; i++)
			buf_printf(&b, "%s%s", i ? " " : "", l.items[i]);
		*ret_why = xasprintf("expected exactly 5 fields, found %zu: [%s]", l.n, b.data ?: "");
		buf_free(&b);
		return -EINVAL;
	}
	for (size_t i = 0; i < N_UNITS; i++)
		if (read_field(l.items[i], &bounds[i], &c->fields[i], ret_why))
			return -EINVAL;
	return 0;
}

#define EVERY "@every "

static int read_every(struct cron *c, const char *text, char **ret_why)
{
	const char *span = text + strlen(EVERY);
	int64_t ns;

	if (parse_duration(span, &ns)) {
		_cleanup_free_ char *q = quoted(span);
		bool bare = *span && strspn(span, "0123456789.") == strlen(span);

		*ret_why = xasprintf("failed to parse duration %s: time: %s duration %s", text,
				     bare ? "missing unit in" : "invalid", q);
		return -EINVAL;
	}
	c->every = ns / 1000000000 > 0 ? ns / 1000000000 : 1;
	return 0;
}

static int read_name(struct cron *c, const char *text, char **ret_why)
{
	static const char *const names[][2] = {
		{ "@yearly", "0 0 1 1 *" }, { "@annually", "0 0 1 1 *" }, { "@monthly", "0 0 1 * *" },
		{ "@weekly", "0 0 * * 0" }, { "@daily", "0 0 * * *" }, { "@midnight", "0 0 * * *" },
		{ "@hourly", "0 * * * *" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (streq(text, names[i][0]))
			return read_fields(c, names[i][1], ret_why);
	if (startswith(text, EVERY))
		return read_every(c, text, ret_why);
	*ret_why = xasprintf("unrecognized descriptor: %s", text);
	return -EINVAL;
}

char *cron_text_zone(const char *text)
{
	const char *name;

	if (!startswith(text, "TZ=") && !startswith(text, "CRON_TZ="))
		return NULL;
	name = strchr(text, '=') + 1;
	return xstrndup(name, strcspn(name, " "));
}

int cron_parse(const char *text, struct cron **ret, char **ret_why)
{
	struct cron *c = xnew0(struct cron);
	int err;

	if (!*text) {
		*ret_why = xstrdup("empty spec string");
		free(c);
		return -EINVAL;
	}
	c->zone = cron_text_zone(text);
	if (c->zone) {
		text += strcspn(text, " ");
		text += strspn(text, " \t");
	}
	err = *text == '@' ? read_name(c, text, ret_why) : read_fields(c, text, ret_why);
	if (err) {
		cron_free(c);
		return err;
	}
	*ret = c;
	return 0;
}

void cron_free(struct cron *c)
{
	if (c)
		free(c->zone);
	free(c);
}

const char *cron_zone(const struct cron *c)
{
	return c->zone;
}

/* --- the next time ---------------------------------------------------------------------- */

#define YEARS 5
#define DAY_S 86400

/* What the clocks show at a time. */
struct shown {
	int64_t days, year;
	int month, day, hour, minute, weekday;
};

static struct shown shown_at(const struct zone *zone, int64_t at)
{
	int64_t local = at + zone_offset(zone, at), s;
	struct shown d;

	d.days = local / DAY_S - (local % DAY_S < 0);
	s = local - d.days * DAY_S;
	date_of_days(d.days, &d.year, &d.month, &d.day);
	d.hour = s / 3600;
	d.minute = s / 60 % 60;
	d.weekday = ((d.days + 4) % 7 + 7) % 7;
	return d;
}

static bool has(uint64_t bits, int v)
{
	return bits >> v & 1;
}

/* Either of the two days is enough, unless one of them does not choose. */
static bool day_matches(const struct cron *c, const struct shown *d)
{
	bool day = has(c->fields[DAY], d->day), weekday = has(c->fields[WEEKDAY], d->weekday);

	if ((c->fields[DAY] & STAR) || (c->fields[WEEKDAY] & STAR))
		return day && weekday;
	return day || weekday;
}

/* The beginning of a day; where clocks skip midnight, of its first hour. */
static int64_t start_of(const struct zone *zone, int64_t days)
{
	int64_t at = zone_time(zone, days * DAY_S);

	if (shown_at(zone, at).days < days)
		at += 3600 - (at % 3600);
	return at;
}

/* The next time that may match, where `at` does not; at itself if it does. */
static int64_t step(const struct cron *c, const struct zone *zone, int64_t at)
{
	struct shown d = shown_at(zone, at);

	if (!has(c->fields[MONTH], d.month))
		return start_of(zone, days_of_date(d.year, d.month + 1, 1));
	if (!day_matches(c, &d))
		return start_of(zone, d.days + 1);
	if (!has(c->fields[HOUR], d.hour))
		return at - d.minute * 60 + 3600;
	if (!has(c->fields[MINUTE], d.minute))
		return at + 60;
	return at;
}

int64_t cron_next(const struct cron *c, const struct zone *zone, int64_t after)
{
	int64_t last = shown_at(zone, after).year + YEARS, at = after, next;

	if (c->every)
		return after + c->every;
	/* The first minute that begins after it; zones differ by whole minutes these days. */
	at = after - (after % 60 + 60) % 60 + 60;
	for (;;) {
		if (shown_at(zone, at).year > last)
			return -1;
		next = step(c, zone, at);
		if (next == at)
			return at;
		/* Whatever clocks do, time goes on. */
		at = next > at ? next : at + 60;
	}
}
