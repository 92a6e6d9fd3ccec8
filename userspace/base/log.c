// SPDX-License-Identifier: GPL-2.0-or-later
/* log.c - see log.h */
#include "base/log.h"

#include <stdio.h>

static int level = LOG_INFO;
static char name[64];

void log_set_level(int priority)
{
	level = priority;
}

void log_set_name(const char *n)
{
	snprintf(name, sizeof(name), "%s", n);
}

void log_at(int priority, const char *fmt, ...)
{
	static const char *const words[] = { "", "", "", "error: ", "warning: ", "", "", "" };
	_cleanup_free_ char *text = NULL;
	char when[32] = "";
	va_list ap;

	if (priority > level)
		return;
	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	if (getenv("JOURNAL_STREAM")) {
		fprintf(stderr, "<%d>%s\n", priority, text);
		return;
	}
	format_micro_time(now_realtime_us(), when);
	fprintf(stderr, "%s %s%s%s%s\n", when, name, name[0] ? ": " : "", words[priority & 7], text);
}
