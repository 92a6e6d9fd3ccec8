/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json.h - the one strict door to cJSON
 *
 * cJSON accepts more than JSON (trailing garbage, duplicate keys, bad UTF-8,
 * leading zeros, numbers out of range) and loses integers above 2^53 or prints
 * them as 1e+15. json_parse() refuses the former and keeps the latter exact (as
 * cJSON_Raw with their digits: use json_is_int(), json_int()). Nobody
 * else calls cJSON_Parse or a case-insensitive lookup. Nodes share their keys
 * (cJSON_StringIsConst): who gives a node another type keeps the flags above 0xff.
 *
 * Readers accept NULL and nodes of another type and answer "absent", so that
 * paths can be chained: json_str(json_get(obj, "metadata", "name")).
 */
#ifndef KEELSON_BASE_JSON_H
#define KEELSON_BASE_JSON_H

#include <cjson/cJSON.h>
#include "base/util.h"

typedef cJSON json;	/* a node and what is below it; the root has one owner */

static inline void json_freep(json **j)
{
	cJSON_Delete(*j);
	*j = NULL;
}
#define _cleanup_json_ _cleanup_(json_freep)

#define JSON_MAX_DEPTH 100

/*
 * Parses exactly one JSON text of len bytes (RFC 8259). 0 and a tree that the
 * caller owns, or -EINVAL and, if ret_msg is not NULL, a sentence with the
 * offset that the caller frees.
 */
int json_parse(const char *text, size_t len, json **ret, char **ret_msg);

/*
 * The same where a key that stands twice in one object is no error: the last one
 * counts, and each is told by its path ("spec.ports[0].port").
 */
typedef void (*json_duplicate_fn)(void *data, const char *path);
int json_parse_duplicates(const char *text, size_t len, json_duplicate_fn tell, void *data, json **ret,
			  char **ret_msg);

/* Has the key shared by all trees from now on: for names that come early and often. */
void json_intern(const char *key);

/* Compact text; caller frees. */
char *json_print(const json *j);
/* The same, appended; and a string alone, with its quotes. */
void json_write(struct buf *b, const json *j);
void json_write_str(struct buf *b, const char *s);
char *json_print_pretty(const json *j);

/* The child at the path of keys, or NULL. Usage: json_get(obj, "spec", "replicas"). */
json *json_get_path(const json *j, const char *const *path);
#define json_get(j, ...) json_get_path((j), (const char *const[]){ __VA_ARGS__, NULL })

bool json_is_object(const json *j);
bool json_is_array(const json *j);
bool json_is_string(const json *j);
/* An integer that fits an int64, whether cJSON or we hold it. */
bool json_is_int(const json *j);
/* NULL when absent or not a string; borrowed from the tree. */
const char *json_str(const json *j);
/* dflt when absent or of another type */
const char *json_str_or(const json *j, const char *dflt);
int64_t json_int(const json *j, int64_t dflt);
bool json_bool(const json *j, bool dflt);
int json_len(const json *j);	/* children of an array or object; 0 otherwise */

/* Children of an array or object in order; j may be NULL. Do not remove `it` inside. */
#define json_each(it, j) \
	for (json *it = (j) ? ((json *)(j))->child : NULL; it; it = it->next)
/* A member's key while iterating an object. */
static inline const char *json_key(const json *it)
{
	return it->string;
}

json *json_new_object(void);
json *json_new_array(void);
json *json_new_str(const char *s);
json *json_new_int(int64_t v);
json *json_new_bool(bool v);
json *json_new_null(void);
json *json_clone(const json *j);	/* NULL for NULL */

/* Set or replace one member; the value belongs to the object afterwards. NULL value removes. Returns the value. */
json *json_set(json *obj, const char *key, json *value);
void json_set_str(json *obj, const char *key, const char *s);	/* s NULL removes */
void json_set_int(json *obj, const char *key, int64_t v);
void json_set_bool(json *obj, const char *key, bool v);
void json_del(json *obj, const char *key);
/* Takes the member out and gives it to the caller; NULL when absent. */
json *json_take(json *obj, const char *key);
void json_append(json *array, json *value);
/* Walks (creating objects where absent or null) and returns the object at the path. */
json *json_obj_path(json *j, const char *const *path);
#define json_obj(j, ...) json_obj_path((j), (const char *const[]){ __VA_ARGS__, NULL })
/* A printf-formatted JSON text as a tree, for literals in code; aborts if the text is no JSON. Strings put in with %s must need no escaping. */
json *json_build(const char *fmt, ...) PRINTF(1, 2);

/* Deep equality; members in any order, numbers by value. */
bool json_equal(const json *a, const json *b);

/* Is the text UTF-8 (RFC 3629)? */
bool utf8_valid(const char *text, size_t len);

#endif
