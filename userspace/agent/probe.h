/* SPDX-License-Identifier: GPL-2.0-or-later */
/* probe.h - when a probe's answers add up to a verdict; pure */
#ifndef KEELSON_AGENT_PROBE_H
#define KEELSON_AGENT_PROBE_H

#include "base/json.h"

enum probe_kind { PROBE_STARTUP, PROBE_READINESS, PROBE_LIVENESS, PROBE_N_KINDS };

struct probe_config {
	int64_t initial_delay, period, timeout;	/* seconds */
	unsigned success_threshold, failure_threshold;
};
/* "startupProbe", ... */
const char *probe_key(enum probe_kind kind);
/* "Startup", ... as events say it */
const char *probe_word(enum probe_kind kind);
/* From a probe of the spec, with Kubernetes' defaults. */
struct probe_config probe_config(const json *probe);

struct probe_counters {
	unsigned successes, failures;	/* in a row; one of them is 0 */
};
enum probe_verdict { PROBE_UNDECIDED, PROBE_PASSED, PROBE_FAILED };
/* Counts one answer in. The verdict stays while the answers do. */
enum probe_verdict probe_note(struct probe_counters *c, const struct probe_config *config, bool success);

#endif
