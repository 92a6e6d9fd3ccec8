// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * openapi_v2.c - the Swagger 2.0 document as protobuf
 *
 * kubectl before 1.27 reads no other form (and takes any answer for it). The
 * messages are those of gnostic's openapiv2/OpenAPIv2.proto (package openapi.v2);
 * the numbers below are its field numbers. Each piece is made as JSON first and
 * then carried over member by member, so both forms say the same.
 */
#include "api/rest/openapi_parts.h"
#include "api/schema/wire.h"

/* --- values -------------------------------------------------------------------- */

/* Absent strings are not written. */
static void put_string(struct buf *b, int field, const json *s)
{
	const char *text = json_str(s);

	if (text)
		wire_bytes(b, field, text, strlen(text));
}

static void put_strings(struct buf *b, int field, const json *list)
{
	json_each(it, list)
		put_string(b, field, it);
}

static void put_bool(struct buf *b, int field, const json *j)
{
	if (json_bool(j, false)) {
		wire_tag(b, field, WIRE_VARINT);
		wire_varint(b, 1);
	}
}

/* A message inside another: writes what `fill` makes of j. */
static void put_message(struct buf *b, int field, void (*fill)(struct buf *b, const json *j), const json *j)
{
	size_t at = wire_begin(b, field);

	fill(b, j);
	wire_end(b, at);
}

/* --- messages ------------------------------------------------------------------- */

/* The Named* messages: name 1, value 2; the name is the member's own. */
static void put_named(struct buf *b, int field, void (*fill)(struct buf *b, const json *j), const json *member)
{
	size_t at = wire_begin(b, field);

	wire_bytes(b, 1, json_key(member), strlen(json_key(member)));
	put_message(b, 2, fill, member);
	wire_end(b, at);
}

/* Any: yaml 2; JSON is YAML. */
static void fill_any(struct buf *b, const json *j)
{
	_cleanup_free_ char *text = json_print(j);

	wire_bytes(b, 2, text, strlen(text));
}

static void put_extensions(struct buf *b, int field, const json *j)
{
	json_each(it, j)
		if (startswith(json_key(it), "x-"))
			put_named(b, field, fill_any, it);
}

static void fill_schema(struct buf *b, const json *j);

/* AdditionalPropertiesItem, ItemsItem and SchemaItem alike: schema 1 */
static void fill_schema_item(struct buf *b, const json *j)
{
	put_message(b, 1, fill_schema, j);
}

/* TypeItem: value 1 */
static void fill_type(struct buf *b, const json *j)
{
	put_string(b, 1, j);
}

/* Properties and Definitions alike: additional_properties 1 */
static void fill_schemas(struct buf *b, const json *j)
{
	json_each(it, j)
		put_named(b, 1, fill_schema, it);
}

static void fill_schema(struct buf *b, const json *j)
{
	put_string(b, 1, json_get(j, "$ref"));
	put_string(b, 2, json_get(j, "format"));
	put_string(b, 4, json_get(j, "description"));
	if (json_get(j, "default"))
		put_message(b, 5, fill_any, json_get(j, "default"));
	put_strings(b, 19, json_get(j, "required"));
	if (json_get(j, "additionalProperties"))
		put_message(b, 21, fill_schema_item, json_get(j, "additionalProperties"));
	if (json_get(j, "type"))
		put_message(b, 22, fill_type, json_get(j, "type"));
	if (json_get(j, "items"))
		put_message(b, 23, fill_schema_item, json_get(j, "items"));
	if (json_get(j, "properties"))
		put_message(b, 25, fill_schemas, json_get(j, "properties"));
	put_extensions(b, 31, j);
}

/* BodyParameter */
static void fill_body_parameter(struct buf *b, const json *j)
{
	put_string(b, 2, json_get(j, "name"));
	put_string(b, 3, json_get(j, "in"));
	put_bool(b, 4, json_get(j, "required"));
	put_message(b, 5, fill_schema, json_get(j, "schema"));
}

/* QueryParameterSubSchema: type 6; PathParameterSubSchema: type 5 */
static void fill_parameter_of(struct buf *b, const json *j, int type)
{
	put_bool(b, 1, json_get(j, "required"));
	put_string(b, 2, json_get(j, "in"));
	put_string(b, 3, json_get(j, "description"));
	put_string(b, 4, json_get(j, "name"));
	put_string(b, type, json_get(j, "type"));
}

static void fill_query_parameter(struct buf *b, const json *j)
{
	fill_parameter_of(b, j, 6);
}

static void fill_path_parameter(struct buf *b, const json *j)
{
	fill_parameter_of(b, j, 5);
}

/* NonBodyParameter: query 3, path 4 */
static void fill_non_body_parameter(struct buf *b, const json *j)
{
	if (streq(json_str(json_get(j, "in")), "query"))
		put_message(b, 3, fill_query_parameter, j);
	else
		put_message(b, 4, fill_path_parameter, j);
}

/* Parameter: body 1, other 2 */
static void fill_parameter(struct buf *b, const json *j)
{
	if (streq(json_str(json_get(j, "in")), "body"))
		put_message(b, 1, fill_body_parameter, j);
	else
		put_message(b, 2, fill_non_body_parameter, j);
}

/* ParametersItem: parameter 1 */
static void fill_parameters_item(struct buf *b, const json *j)
{
	put_message(b, 1, fill_parameter, j);
}

/* Response: description 1, schema 2; a ResponseValue holds it as 1 */
static void fill_response(struct buf *b, const json *j)
{
	put_string(b, 1, json_get(j, "description"));
	if (json_get(j, "schema"))
		put_message(b, 2, fill_schema_item, json_get(j, "schema"));
}

static void fill_response_value(struct buf *b, const json *j)
{
	put_message(b, 1, fill_response, j);
}

/* Responses: response_code 1 */
static void fill_responses(struct buf *b, const json *j)
{
	json_each(it, j)
		put_named(b, 1, fill_response_value, it);
}

static void fill_operation(struct buf *b, const json *j)
{
	put_strings(b, 1, json_get(j, "tags"));
	put_string(b, 3, json_get(j, "description"));
	put_string(b, 5, json_get(j, "operationId"));
	put_strings(b, 6, json_get(j, "produces"));
	put_strings(b, 7, json_get(j, "consumes"));
	json_each(p, json_get(j, "parameters"))
		put_message(b, 8, fill_parameters_item, p);
	put_message(b, 9, fill_responses, json_get(j, "responses"));
	put_strings(b, 10, json_get(j, "schemes"));
	put_extensions(b, 13, j);
}

static void fill_path_item(struct buf *b, const json *j)
{
	static const struct {
		const char *method;
		int field;
	} methods[] = { { "get", 2 }, { "put", 3 }, { "post", 4 }, { "delete", 5 }, { "patch", 8 } };

	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		if (json_get(j, methods[i].method))
			put_message(b, methods[i].field, fill_operation, json_get(j, methods[i].method));
	json_each(p, json_get(j, "parameters"))
		put_message(b, 9, fill_parameters_item, p);
}

/* Paths: path 2 */
void openapi_v2_put_paths(struct buf *b, const json *paths)
{
	json_each(it, paths)
		put_named(b, 2, fill_path_item, it);
}

void openapi_v2_put_definitions(struct buf *b, const json *definitions)
{
	fill_schemas(b, definitions);
}

static void fill_info(struct buf *b, const json *j)
{
	put_string(b, 1, json_get(j, "title"));
	put_string(b, 2, json_get(j, "version"));
}

void openapi_v2_put_document(struct buf *b, const json *head, const struct buf *paths, const struct buf *definitions)
{
	put_string(b, 1, json_get(head, "swagger"));
	put_message(b, 2, fill_info, json_get(head, "info"));
	wire_bytes(b, 8, paths->data, paths->len);
	wire_bytes(b, 9, definitions->data, definitions->len);
}
