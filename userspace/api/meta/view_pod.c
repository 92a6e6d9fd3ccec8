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

const char *pod_qos_class(const json *pod)
{
	static const char *const resources[] = { "cpu", "memory" };
	const json *lists[] = { pod_containers(pod), pod_init_containers(pod) };
	bool any = false, guaranteed = true;

	for (size_t l = 0; l < ARRAY_SIZE(lists); l++)
		json_each(c, lists[l])
			for (size_t i = 0; i < ARRAY_SIZE(resources); i++) {
				const json *r = json_get(c, "resources");
				int64_t limit = amount(json_get(r, "limits"), resources[i]);
				int64_t request = amount(json_get(r, "requests"), resources[i]);

				any = any || limit || request;
				guaranteed = guaranteed && limit && (request == limit || !request);
			}
	return !any ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
}
