/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pod_status.h - the status the agent reports of a pod; pure */
#ifndef KEELSON_AGENT_POD_STATUS_H
#define KEELSON_AGENT_POD_STATUS_H

#include "agent/pod_state.h"

/*
 * The whole status object, to be freed by the caller; NULL: leave what the API
 * holds (a pod on its way out of which the runtime has nothing any more).
 * ret_requeue_us: when the passing of time alone will change it; 0: never.
 */
json *pod_status_make(const struct pod_input *in, uint64_t *ret_requeue_us);

/*
 * Whether the pod's status says other than we last sent, in what others may
 * have changed: phase, address, our conditions, the containers' identity and
 * readiness. The API writes some members in another form, so not all of them.
 */
bool pod_was_overruled(const json *pod, const json *sent);

#endif
