// SPDX-License-Identifier: GPL-2.0-or-later
/* write_options.c - see write_options.h */
#include "api/rest/write_options.h"

#include <stdio.h>
#include <strings.h>

#include "api/meta/fielderr.h"
#include "api/meta/status.h"

#define MANAGER_MAX 128		/* bytes of a manager's name */

bool query_is_true(const char *value)
{
	return value && strcasecmp(value, "false") && !streq(value, "0");
}

/* --- names of managers ----------------------------------------------------------------- */

/* The code point at p (UTF-8; a byte that is none counts as U+FFFD), and its length. */
static uint32_t code_point(const char *p, size_t *ret_len)
{
	const unsigned char *s = (const unsigned char *)p;
	size_t n = s[0] < 0x80 ? 1 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : s[0] >= 0xc2 ? 2 : 0;
	uint32_t c = n > 1 ? s[0] & (0xff >> (n + 1)) : s[0];

	if (!n || strnlen(p, n) < n || !utf8_valid(p, n)) {
		*ret_len = 1;
		return 0xfffd;
	}
	for (size_t i = 1; i < n; i++)
		c = c << 6 | (s[i] & 0x3f);
	*ret_len = n;
	return c;
}

/* Control and format characters, spaces but the one, private and unused planes have no picture. */
static bool is_printable(uint32_t c)
{
	static const struct {
		uint32_t from, to;
	} none[] = {
		{ 0, 0x1f }, { 0x7f, 0xa0 }, { 0xad, 0xad }, { 0x600, 0x605 }, { 0x61c, 0x61c }, { 0x1680, 0x1680 },
		{ 0x180e, 0x180e }, { 0x2000, 0x200f }, { 0x2028, 0x202f }, { 0x205f, 0x206f }, { 0x3000, 0x3000 },
		{ 0xd800, 0xf8ff }, { 0xfeff, 0xfeff }, { 0xfff0, 0xfffb }, { 0xfffe, 0xffff }, { 0xe0000, UINT32_MAX },
	};

	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		if (c >= none[i].from && c <= none[i].to)
			return false;
	return true;
}

static void check_manager(struct field_errors *e, const char *manager)
{
	size_t len;

	if (strlen(manager) > MANAGER_MAX)
		field_too_long(e, "fieldManager", MANAGER_MAX);
	for (const char *p = manager; *p; p += len) {
		uint32_t c = code_point(p, &len);
		char why[64];

		if (is_printable(c))
			continue;
		snprintf(why, sizeof(why), "invalid character U+%04X (at position %zu)", c, (size_t)(p - manager));
		field_invalid_str(e, "fieldManager", manager, why);
	}
}

/* "kubectl/v1.32 (linux/amd64)" is kubectl; caller frees. */
static char *manager_of(const char *user_agent)
{
	size_t end = strcspn(user_agent, "/"), len;
	struct buf b = {0};

	for (const char *p = user_agent; p < user_agent + end; p += len) {
		if (!is_printable(code_point(p, &len)))
			continue;
		if (b.len + len > MANAGER_MAX)
			break;
		buf_add(&b, p, len);
	}
	return buf_steal(&b);
}

/* --- the query -------------------------------------------------------------------------- */

static void check_dry_run(struct field_errors *e, const char *dry)
{
	_cleanup_json_ json *values = json_new_array();
	_cleanup_free_ char *list = NULL;

	if (streq(dry, "All"))
		return;
	json_append(values, json_new_str(dry));
	list = field_strings(values);
	field_error(e, "dryRun", FIELD_NOT_SUPPORTED, "Unsupported value: %s: supported values: \"All\"", list);
}

static void check_validation(struct field_errors *e, const char *check, struct registry_write_opts *o)
{
	o->field_validation = FIELDS_WARN;
	if (!*check || streq(check, "Warn"))
		return;
	if (streq(check, "Strict"))
		o->field_validation = FIELDS_STRICT;
	else if (streq(check, "Ignore"))
		o->field_validation = FIELDS_IGNORE;
	else
		field_not_supported(e, "fieldValidation", check, "Ignore,Strict,Warn");
}

json *write_options_parse(enum write_verb verb, query_fn query, const void *data, const char *user_agent,
			  struct registry_write_opts *ret, char **ret_manager)
{
	static const char *const kinds[] = {
		[WRITE_CREATE] = "CreateOptions", [WRITE_UPDATE] = "UpdateOptions",
		[WRITE_PATCH] = "PatchOptions", [WRITE_APPLY] = "PatchOptions",
	};
	const struct resource options = { .group = "meta.k8s.io", .version = "v1", .plural = "", .kind = kinds[verb] };
	const char *manager = query(data, "fieldManager"), *force = query(data, "force"), *dry = query(data, "dryRun");
	const char *check = query(data, "fieldValidation");
	_cleanup_field_errors_ struct field_errors e = {0};

	*ret = (struct registry_write_opts){ .dry_run = dry && *dry, .force = query_is_true(force) };
	*ret_manager = NULL;
	manager = manager ? manager : "";
	if (verb == WRITE_APPLY && !*manager)
		field_required(&e, "fieldManager", "is required for apply patch");
	if (verb == WRITE_PATCH && force)
		field_forbidden(&e, "force", "may not be specified for non-apply patch");
	check_manager(&e, manager);
	if (ret->dry_run)
		check_dry_run(&e, dry);
	check_validation(&e, check ? check : "", ret);
	if (e.n)
		return status_invalid(&options, "", &e);
	*ret_manager = *manager ? xstrdup(manager) : manager_of(user_agent ? user_agent : "");
	ret->manager = *ret_manager;
	return NULL;
}
