/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * event_recorder.h - core/v1 Events about objects, as `kubectl describe` shows them
 *
 * An event that says the same of the same object as an earlier one raises that
 * one's count instead of making another. An object that produces too many is
 * held back (25 at once, then one every five minutes). Writing is best effort:
 * nobody waits for an event and none is tried again, except that one whose name
 * is taken gets another, and one that was deleted is made anew with its count.
 */
#ifndef KEELSON_API_EVENT_RECORDER_H
#define KEELSON_API_EVENT_RECORDER_H

#include "store/store.h"

struct event_recorder;

/*
 * component ("deployment-controller", "kubelet") is copied; host is the node of
 * an agent, else NULL, copied. s is borrowed; it must outlive the loop's last
 * answer to a write, not the recorder.
 */
struct event_recorder *recorder_new(struct store *s, const char *component, const char *host);
void recorder_free(struct event_recorder *r);

/*
 * regarding is any object with metadata; res its kind. type is "Normal" or
 * "Warning"; reason one word in UpperCamelCase. now in microseconds since the
 * epoch. field_path names a part ("spec.containers{web}") or is NULL.
 */
void recorder_event(struct event_recorder *r, const struct resource *res, const json *regarding,
		    const char *field_path, const char *type, const char *reason,
		    const char *message, uint64_t now);

#endif
