// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_schema_protobuf.c - messages: the first two bytes choose a type, the rest is
 *                          decoded as such and as an envelope. What is accepted has
 *                          the right types, and in normal form goes there and back.
 */
#include "fuzz.h"

#include "api/schema/protobuf.h"

static const struct schema *chosen(const uint8_t *bytes)
{
	static struct choice choices[2048];
	static size_t n;

	for (; schema_types[n]; n++) {
		_cleanup_free_ char *name = xasprintf("%s.%s", schema_types[n]->package, schema_types[n]->name);

		must(n < ARRAY_SIZE(choices));
		choices[n] = (struct choice){ schema_types[n], name_hash(name) };
	}
	return choose(choices, n, bytes);
}

static void has_its_types(const struct schema *s, const json *obj)
{
	_cleanup_free_ char *why = NULL;

	if (!schema_check(s, obj, true, &why, NULL))
		return;
	fprintf(stderr, "%s: %s\n", s->name, why);
	abort();
}

static void through_json(const struct schema *s, const json *obj)
{
	_cleanup_free_ char *text = json_print(obj), *why = NULL;
	_cleanup_json_ json *again = NULL;

	if (json_parse(text, strlen(text), &again, &why)) {
		fprintf(stderr, "%s: %s\n", why, text);
		abort();
	}
	schema_normalise(s, again);
	must_equal(obj, again);
}

static void message(const struct schema *s, const uint8_t *data, size_t len)
{
	_cleanup_free_ char *msg = NULL;
	_cleanup_json_ json *first = NULL, *second = NULL, *same = NULL;
	struct buf b = { 0 }, c = { 0 };
	int err = protobuf_decode(s, data, len, &first, &msg);

	must_tell(err, msg);
	if (err)
		return;
	has_its_types(s, first);
	schema_normalise(s, first);
	has_its_types(s, first);
	same = json_clone(first);
	schema_normalise(s, same);
	must_equal(first, same);
	protobuf_encode(s, first, &b);
	must(!protobuf_decode(s, b.data, b.len, &second, NULL));
	schema_normalise(s, second);
	must_equal(first, second);
	protobuf_encode(s, second, &c);
	must(b.len == c.len && (!b.len || !memcmp(b.data, c.data, b.len)));
	through_json(s, first);
	buf_free(&b);
	buf_free(&c);
}

static void envelope(const uint8_t *data, size_t len)
{
	_cleanup_envelope_ struct protobuf_envelope e = { 0 };
	_cleanup_free_ char *msg = NULL;
	int err = protobuf_open(data, len, &e, &msg);

	must_tell(err, msg);
	if (err)
		return;
	must(protobuf_has_magic(data, len));
	must(utf8_valid(e.kind, strlen(e.kind)) && utf8_valid(e.api_version, strlen(e.api_version)));
	must((const uint8_t *)e.raw >= data && (const uint8_t *)e.raw + e.raw_len <= data + len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (len < 2)
		return 0;
	message(chosen(data), data + 2, len - 2);
	envelope(data, len);
	envelope(data + 2, len - 2);
	return 0;
}
