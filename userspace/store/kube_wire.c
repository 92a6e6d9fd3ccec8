// SPDX-License-Identifier: GPL-2.0-or-later
/* kube_wire.c - see kube_wire.h */
#include "store/kube_wire.h"

#include <errno.h>
#include "rpc/http_client.h"

static void add_segment(struct buf *b, const char *s)
{
	_cleanup_free_ char *e = url_encode(s);

	buf_puts(b, "/");
	buf_puts(b, e);
}

char *kube_path(const struct resource *r, const char *ns, const char *name, const char *subresource)
{
	struct buf b = { 0 };

	if (r->group[0]) {
		buf_puts(&b, "/apis");
		add_segment(&b, r->group);
	} else {
		buf_puts(&b, "/api");
	}
	add_segment(&b, r->version);
	if (r->namespaced && ns) {
		buf_puts(&b, "/namespaces");
		add_segment(&b, ns);
	}
	add_segment(&b, r->plural);
	if (name)
		add_segment(&b, name);
	if (subresource)
		add_segment(&b, subresource);
	return buf_steal(&b);
}

void kube_add_query(struct buf *url, const char *key, const char *value)
{
	_cleanup_free_ char *e = NULL;

	if (!value)
		return;
	e = url_encode(value);
	buf_printf(url, "%c%s=%s", strchr(url->data, '?') ? '&' : '?', key, e);
}

const char *kube_patch_type(enum store_patch_type type)
{
	static const char *const types[] = {
		[STORE_PATCH_MERGE] = "application/merge-patch+json",
		[STORE_PATCH_STRATEGIC] = "application/strategic-merge-patch+json",
		[STORE_PATCH_JSON] = "application/json-patch+json",
		[STORE_PATCH_APPLY] = "application/apply-patch+yaml",
	};

	return types[type];
}

json *kube_delete_options(const struct store_delete_opts *opts)
{
	json *j = json_new_object();

	json_set_str(j, "kind", "DeleteOptions");
	json_set_str(j, "apiVersion", "v1");
	if (!opts)
		return j;
	if (opts->grace_period >= 0)
		json_set_int(j, "gracePeriodSeconds", opts->grace_period);
	json_set_str(j, "propagationPolicy", opts->propagation);
	if (opts->uid)
		json_set_str(json_obj(j, "preconditions"), "uid", opts->uid);
	if (opts->rv) {
		_cleanup_free_ char *rv = xasprintf("%lld", (long long)opts->rv);

		json_set_str(json_obj(j, "preconditions"), "resourceVersion", rv);
	}
	return j;
}

json *kube_failure(int code, const char *reason, const char *message)
{
	json *j = json_new_object();

	json_set_str(j, "kind", "Status");
	json_set_str(j, "apiVersion", "v1");
	json_set(j, "metadata", json_new_object());
	json_set_str(j, "status", "Failure");
	json_set_str(j, "message", message);
	json_set_str(j, "reason", reason);
	json_set_int(j, "code", code);
	return j;
}

int kube_errno(int code, const json *status)
{
	switch (code) {
	case 200 ... 299:
		return 0;
	case 401:
	case 403:
		return -EACCES;
	case 404:
		return -ENOENT;
	case 405:
	case 406:
	case 415:
		return -EOPNOTSUPP;
	case 409:
		return streq(json_str(json_get(status, "reason")), "AlreadyExists") ? -EEXIST : -ESTALE;
	case 410:
		return -EKEYEXPIRED;
	case 429:
		return -EAGAIN;
	default:
		return code >= 400 && code < 500 ? -EINVAL : -EAGAIN;
	}
}

int64_t kube_rv(const json *obj)
{
	const char *s = json_str(json_get(obj, "metadata", "resourceVersion"));
	int64_t rv;

	return s && parse_i64(s, 0, INT64_MAX, &rv) == 0 ? rv : 0;
}

int kube_event_parse(const char *line, size_t len, enum store_event_type *ret_type, json **ret_obj)
{
	static const char *const types[] = {
		[STORE_ADDED] = "ADDED",
		[STORE_MODIFIED] = "MODIFIED",
		[STORE_DELETED] = "DELETED",
		[STORE_BOOKMARK] = "BOOKMARK",
		[STORE_ERROR] = "ERROR",
	};
	_cleanup_json_ json *j = NULL, *obj = NULL;
	const char *type;

	if (json_parse(line, len, &j, NULL) < 0)
		return -EBADMSG;
	type = json_str(json_get(j, "type"));
	obj = json_take(j, "object");
	if (!json_is_object(obj))
		return -EBADMSG;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (streq(type, types[i])) {
			*ret_type = i;
			*ret_obj = TAKE_PTR(obj);
			return 0;
		}
	}
	return -EBADMSG;
}

void kube_lines_add(struct kube_lines *l, const char *p, size_t len)
{
	if (l->start) {
		buf_consume(&l->buf, l->start);
		l->seen -= l->start;
		l->start = 0;
	}
	buf_add(&l->buf, p, len);
}

int kube_lines_next(struct kube_lines *l, const char **ret, size_t *ret_len)
{
	while (l->seen < l->buf.len) {
		const char *from = l->buf.data + l->seen, *nl = memchr(from, '\n', l->buf.len - l->seen);
		size_t start = l->start, len;

		if (!nl) {
			l->seen = l->buf.len;
			break;
		}
		len = nl - (l->buf.data + start);
		l->start = l->seen = nl + 1 - l->buf.data;
		if (len && l->buf.data[start + len - 1] == '\r')
			len--;
		if (!len)
			continue;
		if (len > KUBE_MAX_LINE)
			return -EMSGSIZE;
		*ret = l->buf.data + start;
		*ret_len = len;
		return 1;
	}
	return l->buf.len - l->start > KUBE_MAX_LINE ? -EMSGSIZE : 0;
}

void kube_lines_free(struct kube_lines *l)
{
	buf_free(&l->buf);
	*l = (struct kube_lines){ 0 };
}
