/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_kinds.h - what the tests of kinds' rules are written with: objects with '
 *                for ", and tables of what is accepted and what is said of the rest
 */
#ifndef KEELSON_TEST_KINDS_H
#define KEELSON_TEST_KINDS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/kinds/defaults.h"
#include "api/kinds/rules.h"
#include "api/kinds/validate.h"
#include "api/meta/status.h"
#include "api/schema/schema.h"

#define KINDS_NOW UINT64_C(1767225600000000)	/* 2026-01-01T00:00:00Z */
/* A minute old. */
#define META "'metadata':{'name':'x','creationTimestamp':'2025-12-31T23:59:00Z'}"
#define META_NS "'metadata':{'name':'x','namespace':'d','creationTimestamp':'2025-12-31T23:59:00Z'}"

/* An object of which the tables say that it has the right types; caller frees. */
static inline json *obj_of(const struct kind *k, const char *text)
{
	_cleanup_free_ char *t = xstrdup(text), *msg = NULL;
	json *j = NULL;

	for (char *p = t; *p; p++)
		if (*p == '\'')
			*p = '"';
	if (json_parse(t, strlen(t), &j, &msg) || (k && schema_check(k->schema, j, true, &msg, NULL)))
		fail_msg("%s: %s", text, msg);
	return j;
}

struct verdict {
	const char *obj;
	const char *want;	/* "" or NULL: accepted; else "[a: b, c: d]" or "a: b" */
};

static inline void is_said(const struct field_errors *e, const char *obj, const char *want)
{
	_cleanup_free_ char *got = field_errors_text(e);

	if (!streq(got, want ?: ""))
		fail_msg("%s:\n got %s\nwant %s", obj, got, want ?: "");
}

/* A create as the registry does it, up to the verdict; the object, to free. */
static inline json *made(const struct kind *k, const char *text, struct field_errors *e)
{
	json *obj = obj_of(k, text);

	kind_to_storage(k, obj);
	reset_status(k->storage, obj);
	default_object(k->storage, obj);
	validate_create(k, obj, e);
	return obj;
}

static inline void creates(const struct kind *k, const struct verdict *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		_cleanup_field_errors_ struct field_errors e = { 0 };
		_cleanup_json_ json *obj = made(k, v[i].obj, &e);

		is_said(&e, v[i].obj, v[i].want);
	}
}

struct step {
	const char *old, *new;
	const char *want;
};

/* An update as the registry does it, metadata aside. */
static inline void updates(const struct kind *k, const struct step *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		_cleanup_field_errors_ struct field_errors before = { 0 }, e = { 0 };
		_cleanup_json_ json *old = made(k, v[i].old, &before), *new = obj_of(k, v[i].new);

		is_said(&before, v[i].old, NULL);
		kind_to_storage(k, new);
		if (k->storage->rules->prepare_update)
			k->storage->rules->prepare_update(old, new);
		default_object(k->storage, new);
		validate_update(k, new, old, &e);
		is_said(&e, v[i].new, v[i].want);
	}
}

/* Writes of a subresource with the object as its body, /status among them. */
static inline void sub_updates(const struct kind *k, const char *sub, const struct step *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		_cleanup_field_errors_ struct field_errors e = { 0 };
		_cleanup_json_ json *old = obj_of(k, v[i].old), *new = obj_of(k, v[i].new);
		const struct sub_rules *s = kind_sub_rules(k, sub);

		default_object(k, old);
		if (s)
			s->prepare(old, new);
		else if (k->rules->prepare_status)
			k->rules->prepare_status(old, new);
		default_object(k, new);
		validate_update_sub(k, sub, new, old, &e);
		is_said(&e, v[i].new, v[i].want);
	}
}

struct change {
	const char *from, *to;
};

static inline void is_json(const json *got, const char *of, const char *want)
{
	_cleanup_json_ json *w = obj_of(NULL, want);

	if (!json_equal(got, w)) {
		_cleanup_free_ char *text = json_print(got);

		fail_msg("%s:\n got %s\nwant %s", of, text, want);
	}
}

/* Defaults turn one into the other, and leave that as it is. */
static inline void defaults(const struct kind *k, const struct change *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		_cleanup_json_ json *obj = obj_of(k, v[i].from);

		for (int times = 0; times < 2; times++) {
			default_object(k, obj);
			is_json(obj, v[i].from, v[i].to);
		}
	}
}

/* prepare_update() of cur and what was sent. */
static inline void prepared(const struct kind *k, const char *cur, const char *sent, const char *want)
{
	_cleanup_json_ json *old = obj_of(k, cur), *new = obj_of(k, sent);

	default_object(k, old);
	k->rules->prepare_update(old, new);
	default_object(k, new);
	is_json(new, sent, want);
}

/* The other version in its own form and as it is stored, both ways. */
static inline void converts(const struct kind *k, const char *own, const char *stored)
{
	_cleanup_json_ json *obj = obj_of(k, own);

	kind_to_storage(k, obj);
	is_json(obj, own, stored);
	kind_from_storage(k, obj);
	is_json(obj, stored, own);
}

/* The row's cells, joined by "|"; there is one a column. */
static inline void is_row(const struct kind *k, const char *text, const char *want)
{
	_cleanup_json_ json *obj = obj_of(NULL, text), *cells = json_new_array();
	struct buf b = { 0 };
	int columns = 0;

	k->rules->cells(cells, obj, KINDS_NOW);
	for (const struct table_column *c = k->rules->columns; c->name; c++)
		columns++;
	assert_int_equal(json_len(cells), columns);
	json_each(c, cells) {
		_cleanup_free_ char *s = json_is_string(c) ? xstrdup(json_str(c)) : json_print(c);

		buf_printf(&b, "%s%s", c == cells->child ? "" : "|", s);
	}
	if (!streq(b.data, want))
		fail_msg("%s:\n got %s\nwant %s", text, b.data, want);
	buf_free(&b);
}

#define CREATES(id, v) creates(&kind_##id, v, ARRAY_SIZE(v))
#define UPDATES(id, v) updates(&kind_##id, v, ARRAY_SIZE(v))
#define STATUSES(id, v) sub_updates(&kind_##id, "status", v, ARRAY_SIZE(v))
#define DEFAULTS(id, v) defaults(&kind_##id, v, ARRAY_SIZE(v))

/* Reasons that come up everywhere. */
#define SUBDOMAIN_WHY "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "	\
	"and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "	\
	"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
#define LABEL_WHY "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and " \
	"end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "		\
	"'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
#define NAME_PART_WHY "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an " \
	"alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "		\
	"'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
#define IP_WHY "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
#define CIDR_WHY "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"

#endif
