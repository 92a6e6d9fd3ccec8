// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_meta_patch.c - the three kinds of patches: the first byte chooses a type, then
 *                     come an object and a patch, with a NUL or a line end between.
 *                     Neither is changed, and the result can be printed.
 */
#include "fuzz.h"

#include "api/meta/patch.h"
#include "api/schema/tables.h"

static void untouched(const json *j, const char *before)
{
	_cleanup_free_ char *now = json_print(j);

	must(streq(now, before));
}

static void can_be_printed(const json *j)
{
	_cleanup_free_ char *text = json_print(j);
	_cleanup_json_ json *again = NULL;

	must(!json_parse(text, strlen(text), &again, NULL));
	must_equal(j, again);
}

static void try(const struct schema *s, int which, const json *obj, const json *patch)
{
	_cleanup_json_ json *next = NULL, *twice = NULL;
	_cleanup_free_ char *msg = NULL, *again = NULL;
	int err;

	if (which == 0)
		err = patch_merge(obj, patch, &next, &msg);
	else if (which == 1)
		err = patch_json(obj, patch, &next, &msg);
	else
		err = patch_strategic(s, obj, patch, &next, &msg);
	must_tell(err, msg);
	if (err)
		return;
	can_be_printed(next);
	if (which == 0) {	/* says what shall be, not what is to be done */
		must(!patch_merge(next, patch, &twice, &again));
		must_equal(next, twice);
	} else if (which == 2) {
		free(schema_unrestorable(s, next));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct schema *const types[] = {
		&sch_core_v1_Pod, &sch_apps_v1_Deployment, &sch_core_v1_Service, &sch_core_v1_ConfigMap,
		&sch_core_v1_Node, &sch_core_v1_ServiceAccount,
	};
	struct parts in = { (const char *)data + 1, len - 1 };
	_cleanup_free_ char *text = NULL, *obj_text = NULL, *patch_text = NULL;
	_cleanup_json_ json *obj = NULL, *patch = NULL;

	if (len < 2)
		return 0;
	text = next_part(&in);
	if (json_parse(text, strlen(text), &obj, NULL) || !json_is_object(obj) ||
	    json_parse_duplicates(in.p, in.left, NULL, NULL, &patch, NULL))
		return 0;
	obj_text = json_print(obj);
	patch_text = json_print(patch);
	for (int which = 0; which < 3; which++) {
		try(types[*data % ARRAY_SIZE(types)], which, obj, patch);
		untouched(obj, obj_text);
		untouched(patch, patch_text);
	}
	return 0;
}
