/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_loop.h - run an event loop in a test until something is true, with a bound */
#ifndef KEELSON_TEST_LOOP_H
#define KEELSON_TEST_LOOP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <systemd/sd-event.h>
#include "base/util.h"

/* Turns the loop until cond holds; fails the test after ms milliseconds. */
#define loop_until(loop, ms, cond) do { \
	uint64_t end_ = now_monotonic_us() + (ms) * 1000ULL; \
	while (!(cond)) { \
		if (now_monotonic_us() > end_) \
			fail_msg("not within %d ms: %s", (int)(ms), #cond); \
		assert_true(sd_event_run((loop), 20000) >= 0); \
	} \
} while (0)

/* Turns the loop for ms milliseconds, for what must not happen in them. */
static inline void loop_for(sd_event *loop, unsigned ms)
{
	uint64_t end = now_monotonic_us() + ms * 1000ULL, now;

	while ((now = now_monotonic_us()) < end)
		assert_true(sd_event_run(loop, end - now) >= 0);
}

#endif
