// SPDX-License-Identifier: GPL-2.0-or-later
/* view_pod.c - what a pod asks for, see view_pod.h */
#include "api/meta/view_pod.h"

#include "api/schema/quantity.h"

static int64_t amount(const json *list, const char *resource)
{
	const json *j = json_get(list, resource);

	return streq(resource, "cpu") ? quantity_milli(j, 0) : quantity_value(j, 0);
}

/* An init container with restartPolicy Always keeps running beside the others. */
static bool is_sidecar(const json *init)
{
	return streq(json_str(json_get(init, "restartPolicy")), "Always");
}

int64_t pod_request(const json *pod, const char *resource)
{
	int64_t running = 0, most = 0, sidecars = 0;

	json_each(c, pod_containers(pod))
		running += amount(json_get(c, "resources", "requests"), resource);
	json_each(c, pod_init_containers(pod)) {
		int64_t v = amount(json_get(c, "resources", "requests"), resource);

		if (is_sidecar(c)) {
			sidecars += v;
			v = 0;
		}
		if (v + sidecars > most)
			most = v + sidecars;
	}
	running += sidecars;
	return (running > most ? running : most) + amount(json_get(pod, "spec", "overhead"), resource);
}

struct qos {
	bool any, guaranteed;
};

static void count_qos(struct qos *q, const json *r)
{
	static const char *const resources[] = { "cpu", "memory" };

	for (size_t i = 0; i < ARRAY_SIZE(resources); i++) {
		int64_t limit = amount(json_get(r, "limits"), resources[i]);
		int64_t request = amount(json_get(r, "requests"), resources[i]);

		q->any = q->any || limit || request;
		q->guaranteed = q->guaranteed && limit && (request == limit || !request);
	}
}

const char *pod_qos_class(const json *pod)
{
	const json *lists[] = { pod_containers(pod), pod_init_containers(pod) };
	const json *whole = json_get(pod, "spec", "resources");
	struct qos q = { .guaranteed = true };

	/* What is said of the pod as a whole rules what is said of its parts. */
	if (json_len(json_get(whole, "limits")) || json_len(json_get(whole, "requests")))
		count_qos(&q, whole);
	else
		for (size_t l = 0; l < ARRAY_SIZE(lists); l++)
			json_each(c, lists[l])
				count_qos(&q, json_get(c, "resources"));
	return !q.any ? "BestEffort" : q.guaranteed ? "Guaranteed" : "Burstable";
}
