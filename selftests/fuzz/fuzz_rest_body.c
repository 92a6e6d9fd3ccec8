// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_rest_body.c - what comes with a request: a line of Accept, a line of
 *                    Content-Type, a line that is the path, and the body
 */
#include "fuzz.h"

#include "api/meta/status.h"
#include "api/rest/media.h"
#include "api/rest/path.h"

static void accept(const char *header)
{
	struct rest_accept none = rest_accept_parse(header, 0);
	struct rest_accept any = rest_accept_parse(header, REST_MAY_PROTOBUF | 1u << REST_TABLE | 1u << REST_PARTIAL |
							   1u << REST_DISCOVERY);

	must(none.form == REST_OBJECT || none.form == REST_NOT_ACCEPTABLE);
	must(none.form == REST_NOT_ACCEPTABLE || none.encoding == REST_JSON);
	must(any.form != REST_OPENAPI_V2_PROTOBUF);
	must(any.form != REST_NOT_ACCEPTABLE || none.form == REST_NOT_ACCEPTABLE);
}

/* What was understood can be answered with, in either encoding. */
static void answer(const json *obj)
{
	for (int encoding = REST_JSON; encoding <= REST_PROTOBUF; encoding++) {
		struct buf b = { 0 }, event = { 0 };
		const char *type = NULL;

		rest_encode(encoding, obj, &b, &type);
		must(type && b.len);
		rest_encode_event(encoding, "ADDED", b.data, b.len, &event);
		must(event.len > b.len);
		buf_free(&b);
		buf_free(&event);
	}
}

static void body(const char *content_type, const char *p, size_t len)
{
	_cleanup_strlist_ struct strlist twice = { 0 };
	_cleanup_json_ json *status = NULL, *obj = NULL;
	enum rest_body type = rest_body_type(content_type);

	obj = rest_decode(type, p, len, "v1", "Pod", &twice, &status);
	must(!obj == !!status);
	if (status)
		must(status_code(status) == 400);
	/* Of protobuf it is known to be of the type it names; JSON may be anything. */
	else if (type == REST_BODY_PROTOBUF)
		answer(obj);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct parts in = { (const char *)data, len };
	_cleanup_free_ char *header = next_part(&in), *content_type = next_part(&in), *path = next_part(&in);
	struct rest_path where;

	accept(header);
	if (rest_path_parse(path, &where)) {
		must(where.kind && (!where.sub || where.name));
		rest_path_free(&where);
	}
	body(content_type, in.p, in.left);
	return 0;
}
