/* SPDX-License-Identifier: GPL-2.0-or-later */
/* workload.h - what the kinds with a pod template share */
#ifndef KEELSON_API_KINDS_WORKLOAD_H
#define KEELSON_API_KINDS_WORKLOAD_H

#include "api/kinds/rules.h"

/* The wide columns of everything that has a pod template. */
#define TEMPLATE_COLUMNS										\
	COLUMN_WIDE("Containers", "string", "The names of the template's containers."),			\
	COLUMN_WIDE("Images", "string", "The images of the template's containers."),			\
	COLUMN_WIDE("Selector", "string", "The labels that pick the pods.")

void template_cells(json *cells, const json *obj);
int64_t status_int(const json *obj, const char *member);
/* spec.selector may not change. */
void validate_selector_update(const json *new, const json *old, struct field_errors *e);

#endif
