// SPDX-License-Identifier: GPL-2.0-or-later
/* probe.c - see probe.h */
#include "agent/probe.h"

static const struct { const char *key, *word; } kinds[PROBE_N_KINDS] = {
	[PROBE_STARTUP] = { "startupProbe", "Startup" },
	[PROBE_READINESS] = { "readinessProbe", "Readiness" },
	[PROBE_LIVENESS] = { "livenessProbe", "Liveness" },
};

const char *probe_key(enum probe_kind kind)
{
	return kinds[kind].key;
}

const char *probe_word(enum probe_kind kind)
{
	return kinds[kind].word;
}

static int64_t at_least(const json *probe, const char *key, int64_t min, int64_t dflt)
{
	int64_t v = json_int(json_get(probe, key), dflt);

	return v < min ? dflt : v;
}

struct probe_config probe_config(const json *probe)
{
	return (struct probe_config){
		.initial_delay = at_least(probe, "initialDelaySeconds", 0, 0),
		.period = at_least(probe, "periodSeconds", 1, 10),
		.timeout = at_least(probe, "timeoutSeconds", 1, 1),
		.success_threshold = (unsigned)at_least(probe, "successThreshold", 1, 1),
		.failure_threshold = (unsigned)at_least(probe, "failureThreshold", 1, 3),
	};
}

enum probe_verdict probe_note(struct probe_counters *c, const struct probe_config *config, bool success)
{
	c->successes = success ? c->successes + 1 : 0;
	c->failures = success ? 0 : c->failures + 1;
	if (c->successes >= config->success_threshold)
		return PROBE_PASSED;
	return c->failures >= config->failure_threshold ? PROBE_FAILED : PROBE_UNDECIDED;
}
