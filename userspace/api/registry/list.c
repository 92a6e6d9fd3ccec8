// SPDX-License-Identifier: GPL-2.0-or-later
/* list.c - see list.h */
#include "api/registry/list.h"

#include <ctype.h>
#include <errno.h>

#include "api/registry/internal.h"
#include "api/registry/object.h"
#include "api/registry/pages.h"
#include "api/meta/status.h"

/* --- continue tokens --------------------------------------------------------------- */

static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Without padding; caller frees. */
static char *base64url_encode(const char *p, size_t len)
{
	struct buf b = {0};

	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		uint32_t v = 0;

		for (size_t j = 0; j < 3; j++)
			v = v << 8 | (j < n ? (uint8_t)p[i + j] : 0);
		for (size_t j = 0; j < n + 1; j++)
			buf_add(&b, &base64url[v >> (18 - 6 * j) & 63], 1);
	}
	return buf_steal(&b);
}

/* Appends to out; -EINVAL with the offset of the first wrong byte. */
static int base64url_decode(const char *s, struct buf *out, size_t *ret_at)
{
	uint32_t v = 0;
	int bits = 0;
	size_t i;

	for (i = 0; s[i] && s[i] != '='; i++) {
		const char *at = strchr(base64url, s[i]);
		char byte;

		if (!at) {
			*ret_at = i;
			return -EINVAL;
		}
		v = v << 6 | (uint32_t)(at - base64url);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			byte = (char)(v >> bits);
			buf_add(out, &byte, 1);
		}
	}
	if (i % 4 != 1)
		return 0;
	*ret_at = i;
	return -EINVAL;
}

char *continue_encode(int64_t rv, const char *start)
{
	_cleanup_json_ json *t = json_new_object();
	_cleanup_free_ char *text = NULL;
	struct buf b = {0};
	char *token;

	json_set_str(t, "v", "meta.k8s.io/v1");
	json_set_int(t, "rv", rv);
	json_set_str(t, "start", start);
	text = json_print(t);
	/* The key after `start` is start and a NUL byte, which a C string does not hold. */
	buf_add(&b, text, strlen(text) - 2);
	buf_puts(&b, "\\u0000\"}");
	token = base64url_encode(b.data, b.len);
	buf_free(&b);
	return token;
}

/* What Go's decoder says of a byte that cannot begin a value. */
static char *json_complaint(const char *p, size_t len)
{
	unsigned char c = len ? (unsigned char)p[0] : 0;

	if (!len)
		return xstrdup("unexpected end of JSON input");
	if (strchr("{[\"-tfn", (char)c) || isdigit(c))
		return xstrdup("unexpected end of JSON input");
	if (c >= 0x80)
		return xasprintf("invalid character '%c%c' looking for beginning of value",
				 0xc0 | c >> 6, 0x80 | (c & 0x3f));
	if (isprint(c))
		return xasprintf("invalid character '%c' looking for beginning of value", c);
	return xasprintf("invalid character '\\x%02x' looking for beginning of value", c);
}

int continue_decode(const char *token, int64_t *ret_rv, char **ret_start, char **ret_msg)
{
	static const char nul_escape[] = "\\u0000\"";
	_cleanup_json_ json *t = NULL;
	struct buf b = {0};
	size_t at = 0;
	const char *start;
	int err = -EINVAL;
	char *nul;

	if (base64url_decode(token, &b, &at)) {
		*ret_msg = xasprintf("invalid continue token: continue key is not valid: illegal base64 data at input byte %zu", at);
		goto out;
	}
	/* The escaped NUL at the end of "start" becomes the end of the string. */
	nul = b.data ? memmem(b.data, b.len, nul_escape, strlen(nul_escape)) : NULL;
	if (nul)
		memcpy(nul, "\"      ", strlen(nul_escape));
	if (json_parse(b.data ? b.data : "", b.len, &t, NULL)) {
		_cleanup_free_ char *why = json_complaint(b.data, b.len);

		*ret_msg = xasprintf("invalid continue token: continue key is not valid: %s", why);
		goto out;
	}
	start = json_str_or(json_get(t, "start"), "");
	if (!streq(json_str(json_get(t, "v")), "meta.k8s.io/v1")) {
		*ret_msg = xasprintf("invalid continue token: continue key is not valid: server does not recognize this encoded version \"%s\"",
				     json_str_or(json_get(t, "v"), ""));
	} else if (!json_int(json_get(t, "rv"), 0)) {
		*ret_msg = xstrdup("invalid continue token: continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
	} else if (!*start || *start == '/' || strstr(start, "..")) {
		*ret_msg = xstrdup("invalid continue token: continue key is not valid: encoded start key empty (version meta.k8s.io/v1)");
	} else {
		*ret_rv = json_int(json_get(t, "rv"), 0);
		if (*ret_rv < 0)
			*ret_rv = CONTINUE_NEWEST;
		*ret_start = xstrdup(start);
		err = 0;
	}
out:
	buf_free(&b);
	return err;
}

/* --- reading ------------------------------------------------------------------------- */

struct list_state {
	char *label, *field, *token;	/* as asked */
	struct selector *sel;
	int64_t limit;		/* 0: all */
	bool bare;		/* items without kind and apiVersion */
	int64_t rv;		/* the revision all pages are read at; 0: not known yet */
	char *start;		/* of the continue token: below the prefix, or NULL */
	struct pages *pages;
	json *list, *items;
};

void list_state_free(struct list_state *l)
{
	if (!l)
		return;
	selector_free(l->sel);
	json_freep(&l->list);
	free(l->label);
	free(l->field);
	free(l->token);
	free(l->start);
	pages_free(l->pages);
	free(l);
}

/* The list is whole, or full: more_from is the last key given, remaining -1 where it is not known. */
static void list_finish(struct op *op, const char *last, bool more, int64_t remaining)
{
	struct list_state *l = op->list;
	json *meta = json_obj(l->list, "metadata");
	_cleanup_free_ char *rv = xasprintf("%lld", (long long)l->rv);

	json_set_str(meta, "resourceVersion", rv);
	if (more) {
		_cleanup_free_ char *token = continue_encode(l->rv, last + strlen(op->key));

		json_set_str(meta, "continue", token);
		if (remaining > 0)
			json_set_int(meta, "remainingItemCount", remaining);
	}
	op_done(op, 200, l->list, l->rv);
}

static void list_read(struct op *op);

/* The 410 of a token whose revision is gone, with one that goes on from the same key. */
static json *token_expired(const struct list_state *l)
{
	_cleanup_free_ char *token = continue_encode(CONTINUE_NEWEST, l->start);
	json *s = status_expired("The provided continue parameter is too old to display a consistent list result. "
				 "You can start a new list without the continue parameter, or use the continue token in this "
				 "response to retrieve the remainder of the results. Continuing with the provided token results "
				 "in an inconsistent list - objects that were created, modified, or deleted between the time the "
				 "first chunk was returned and now may show up in the list.");

	json_set_str(json_obj(s, "metadata"), "continue", token);
	return s;
}

static void tell_current(void *data, const struct etcd_result *res)
{
	struct op *op = data;

	if (!op_orphaned(op))
		op_fail(op, res->err ? etcd_status(res) : status_too_large_rv(op->list->rv, res->revision));
}

static void list_failed(struct op *op, const struct etcd_result *res)
{
	static const struct etcd_range_opts count = { .count_only = true };

	if (res->err == -ERANGE)
		etcd_range(op->reg->etcd, op->key, NULL, &count, tell_current, op);
	else if (res->err == -EKEYEXPIRED && op->list->start)
		op_fail(op, token_expired(op->list));
	else
		op_fail(op, etcd_status(res));
}

static void list_answer(void *data, const struct etcd_result *res)
{
	struct op *op = data;
	struct list_state *l = op->list;
	bool plain;

	if (op_orphaned(op))
		return;
	if (res->err) {
		list_failed(op, res);
		return;
	}
	if (!l->rv && op_too_old(op, res->revision))
		return;
	if (!l->rv)
		l->rv = res->revision;
	plain = selector_is_empty(l->sel);
	for (size_t i = 0; i < res->n_kvs; i++) {
		const struct etcd_kv *kv = &res->kvs[i];
		bool more = i + 1 < res->n_kvs || res->more;
		_cleanup_free_ char *why = NULL;
		json *obj;

		if (object_decode(kv->key, kv->value, kv->value_len, kv->mod_revision, &obj, &why)) {
			op_fail(op, status_internal("%s", why));
			return;
		}
		if (!selector_match(l->sel, obj)) {
			json_freep(&obj);
		} else {
			if (l->bare) {
				json_del(obj, "kind");
				json_del(obj, "apiVersion");
			}
			json_append(l->items, obj);
			if (l->limit && --l->limit == 0) {
				list_finish(op, kv->key, more, plain ? res->count - (int64_t)i - 1 : -1);
				return;
			}
		}
	}
	if (!res->more) {
		list_finish(op, NULL, false, -1);
		return;
	}
	pages_next(l->pages, plain ? l->limit : 0);
}

static void list_read(struct op *op)
{
	struct list_state *l = op->list;
	const char *name = selector_name(l->sel);
	_cleanup_free_ char *from = NULL, *end = NULL;

	if (name && *name && !strchr(name, '/') && !l->start && (op->ns || !op->k->res->namespaced)) {
		from = registry_key(op->k->res, op->ns, name);
	} else {
		_cleanup_free_ char *last = xasprintf("%s%s", op->key, l->start ? l->start : "");

		from = l->start ? key_after(last) : xstrdup(op->key);
		end = etcd_prefix_end(op->key);
	}
	pages_free(l->pages);
	l->pages = pages_new(op->reg->etcd, from, end, l->rv, false, list_answer, op);
	pages_next(l->pages, selector_is_empty(l->sel) ? l->limit : 0);
}

static void list_begin(struct op *op)
{
	struct list_state *l = op->list;
	const struct store_selector sel = { .label = l->label, .field = l->field };
	_cleanup_free_ char *why = NULL, *version = NULL, *kind = NULL;

	if (l->list) {
		list_read(op);
		return;
	}
	if (kind_is_virtual(op->k)) {
		virtual_list(op, &sel, l->bare);
		return;
	}
	if (kind_selector_parse(op->as, &sel, &l->sel, &why) ||
	    (l->token && continue_decode(l->token, &l->rv, &l->start, &why))) {
		op_fail(op, status_bad_request("%s", why));
		return;
	}
	if (l->rv == CONTINUE_NEWEST)
		l->rv = 0;
	version = api_version_of(op->k->res);
	kind = xasprintf("%sList", op->k->res->kind);
	l->list = json_new_object();
	json_set_str(l->list, "kind", kind);
	json_set_str(l->list, "apiVersion", version);
	json_obj(l->list, "metadata");
	l->items = json_set(l->list, "items", json_new_array());
	list_read(op);
}

void registry_list(struct store *s, const struct resource *r, const char *ns, const struct registry_list_opts *o,
		   store_cb cb, void *data)
{
	struct op *op = op_new(registry_of(s), r, ns, NULL, NULL, list_begin, cb, data);
	struct list_state *l = op->list = xnew0(struct list_state);

	l->label = o->sel.label ? xstrdup(o->sel.label) : NULL;
	l->field = o->sel.field ? xstrdup(o->sel.field) : NULL;
	l->token = o->continue_token && *o->continue_token ? xstrdup(o->continue_token) : NULL;
	l->limit = o->limit;
	l->rv = o->exact_rv;
	op->min_rv = o->min_rv;
	l->bare = o->bare_items;
}
