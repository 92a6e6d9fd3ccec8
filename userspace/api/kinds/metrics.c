// SPDX-License-Identifier: GPL-2.0-or-later
/* metrics.c - NodeMetrics and PodMetrics: what is used. Nobody measures it yet, their lists are empty. */
#include "api/kinds/rules.h"
#include "api/schema/quantity.h"

static void node_cells(json *cells, const json *obj, uint64_t now_us)
{
	(void)now_us;
	cell_name(cells, obj);
	cell_str(cells, json_str_or(json_get(obj, "usage", "cpu"), ""));
	cell_str(cells, json_str_or(json_get(obj, "usage", "memory"), ""));
	cell_str(cells, json_str_or(json_get(obj, "window"), ""));
}

/* Of all containers, in the form of the first's. */
static char *sum(const json *containers, const char *resource)
{
	enum quantity_format first = QUANTITY_DECIMAL_SI;
	quantity_t total = 0;
	bool any = false;

	json_each(c, containers) {
		const char *s = json_str(json_get(c, "usage", resource));
		enum quantity_format format;
		quantity_t q;

		if (!s || quantity_parse(s, &q, &format, NULL))
			continue;
		first = any ? first : format;
		any = true;
		total += q;
	}
	return quantity_format(total, first);
}

static void pod_cells(json *cells, const json *obj, uint64_t now_us)
{
	(void)now_us;
	cell_name(cells, obj);
	cell_take(cells, sum(json_get(obj, "containers"), "cpu"));
	cell_take(cells, sum(json_get(obj, "containers"), "memory"));
	cell_str(cells, json_str_or(json_get(obj, "window"), ""));
}

static const struct table_column columns[] = {
	COLUMN_NAME,
	{ "cpu", "string", "quantity", 0, "How much of the CPUs is used." },
	{ "memory", "string", "quantity", 0, "How much memory is used." },
	{ "Window", "string", "duration", 0, "How long was measured." },
	{ 0 },
};

const struct kind_rules kind_rules_nodemetrics = { .columns = columns, .cells = node_cells };
const struct kind_rules kind_rules_podmetrics = { .columns = columns, .cells = pod_cells };
