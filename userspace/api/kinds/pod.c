// SPDX-License-Identifier: GPL-2.0-or-later
/* pod.c - Pod: what is in defaults_pod.c, validate_pod.c, validate_container.c and table_pod.c, put together */
#include "api/kinds/rules.h"
#include "api/kinds/defaults_pod.h"
#include "api/kinds/validate_parts.h"
#include "api/meta/view_pod.h"

static void prepare_create(json *pod)
{
	json *status = json_obj(pod, "status");

	json_set_str(status, "phase", "Pending");
	json_set_str(status, "qosClass", pod_qos_class(pod));
}

/* Old agents spoil the owners. */
static void prepare_status(const json *cur, json *next)
{
	keep_member(json_obj(next, "metadata"), json_get(cur, "metadata"), "ownerReferences");
}

static void validate_pod(const json *obj, struct field_errors *e)
{
	validate_pod_spec(json_get(obj, "spec"), "spec", e);
}

static void validate_pod_update(const json *new, const json *old, struct field_errors *e)
{
	validate_pod_spec_update(json_get(new, "spec"), json_get(old, "spec"), e);
}

static const char *row_completed(const json *pod)
{
	const char *phase = json_str(json_get(pod, "status", "phase"));

	return streq(phase, "Succeeded") || streq(phase, "Failed") ? phase : NULL;
}

const struct kind_rules kind_rules_pod = {
	.defaults = default_pod,
	.admit = admit_pod,
	.prepare_create = prepare_create,
	.prepare_status = prepare_status,
	.validate = validate_pod,
	.validate_update = validate_pod_update,
	.columns = table_pod_columns,
	.cells = table_pod_cells,
	.row_completed = row_completed,
	.deletion = DELETE_GRACEFULLY,
};
