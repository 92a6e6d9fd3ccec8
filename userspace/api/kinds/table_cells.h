/* SPDX-License-Identifier: GPL-2.0-or-later */
/* table_cells.h - columns of kubectl get, and how cells are worded */
#ifndef KEELSON_API_TABLE_CELLS_H
#define KEELSON_API_TABLE_CELLS_H

#include "api/kinds/kinds.h"
#include "base/json.h"

struct table_column {
	const char *name;
	const char *type;	/* OpenAPI type: "string", "integer" */
	const char *format;	/* "name" for the first column, else "" */
	int priority;		/* 1: only with -o wide */
	const char *doc;
};

#define COLUMN_NAME { "Name", "string", "name", 0, "The object's name within its namespace." }
#define COLUMN_AGE { "Age", "string", "", 0, "The time since the object was created." }
#define COLUMN(name, type, doc) { name, type, "", 0, doc }
#define COLUMN_WIDE(name, type, doc) { name, type, "", 1, doc }
#define COLUMNS(...) ((const struct table_column[]){ __VA_ARGS__, {0} })

void cell_str(json *cells, const char *s);
/* dflt where s is NULL or "" */
void cell_str_or(json *cells, const char *s, const char *dflt);
void cell_int(json *cells, int64_t v);
void cell_take(json *cells, char *s);	/* frees s */
void cell_name(json *cells, const json *obj);
void cell_age(json *cells, const json *obj, uint64_t now_us);

/* How long ago an RFC 3339 time was: "5m12s"; "<unknown>" if absent or zero. Caller frees. */
char *time_since(const char *timestamp, uint64_t now_us);
/* A span as Kubernetes prints it, in at most two units; us may be negative. Caller frees. */
char *human_duration(int64_t us);
/* "a=b,c=d" in key order, "<none>" when empty. Caller frees. */
char *labels_text(const json *labels);
/* A metav1.LabelSelector in the selector grammar. Caller frees. */
char *label_selector_text(const json *selector);
/* Names or images of a pod template's containers, comma-separated. Caller frees. */
char *containers_text(const json *pod_spec, const char *member);
/* The condition of a type in status.conditions, or NULL. */
const json *find_condition(const json *obj, const char *type);

/* table_pod.c */
extern const struct table_column table_pod_columns[];
void table_pod_cells(json *cells, const json *pod, uint64_t now_us);

#endif
