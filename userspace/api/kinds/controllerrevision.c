// SPDX-License-Identifier: GPL-2.0-or-later
/* controllerrevision.c - ControllerRevision */
#include <ctype.h>

#include "api/kinds/rules.h"
#include "api/meta/view_meta.h"

static void validate_revision(const json *obj, struct field_errors *e)
{
	if (!json_get(obj, "data"))
		field_required(e, "data", "data is mandatory");
	validate_not_negative(obj, "revision", "", e);
}

static void validate_revision_update(const json *new, const json *old, struct field_errors *e)
{
	validate_immutable(json_get(new, "data"), json_get(old, "data"), "data", e);
}

/* "daemonset.apps/x" of the owner that controls it; caller frees. */
static char *controller_text(const json *obj)
{
	const json *owner = meta_controller(obj);
	const char *version = json_str_or(json_get(owner, "apiVersion"), "");
	size_t group = strchr(version, '/') ? strcspn(version, "/") : 0;
	_cleanup_free_ char *kind = NULL;

	if (!owner)
		return xstrdup("<none>");
	kind = xasprintf("%s%s%.*s", json_str_or(json_get(owner, "kind"), ""), group ? "." : "", (int)group, version);
	for (char *p = kind; *p; p++)
		*p = tolower((unsigned char)*p);
	return xasprintf("%s/%s", kind, json_str_or(json_get(owner, "name"), ""));
}

static void revision_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_take(cells, controller_text(obj));
	cell_int(cells, json_int(json_get(obj, "revision"), 0));
	cell_age(cells, obj, now_us);
}

const struct kind_rules kind_rules_controllerrevision = {
	.validate = validate_revision,
	.validate_update = validate_revision_update,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Controller", "string", "What the revision is one of."),
		COLUMN("Revision", "string", "Its number: a higher one is newer."),
		COLUMN_AGE),
	.cells = revision_cells,
};
