/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log.h - one line per event, to the journal or to standard error
 *
 * Under systemd (JOURNAL_STREAM set) lines carry the "<N>" priority that
 * sd-daemon(3) describes; on a terminal they carry the time. Library code does
 * not log: it returns an error, and the caller logs it once with the object's
 * name.
 */
#ifndef KEELSON_BASE_LOG_H
#define KEELSON_BASE_LOG_H

#include <syslog.h>
#include "base/util.h"

/* Lines above this syslog priority are left out; LOG_INFO at start. */
void log_set_level(int priority);
/* Shown in front of each line, such as "agent node1"; copied. */
void log_set_name(const char *name);
void log_at(int priority, const char *fmt, ...) PRINTF(2, 3);

#define log_err(...) log_at(LOG_ERR, __VA_ARGS__)
#define log_warn(...) log_at(LOG_WARNING, __VA_ARGS__)
#define log_info(...) log_at(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_at(LOG_DEBUG, __VA_ARGS__)

#endif
