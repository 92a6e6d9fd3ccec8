// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * namespace_deletion.c - see namespace_deletion.h
 *
 * The conditions are written when all that is there has been asked to go, so
 * that what is told to remain does remain; they change once more, to "no
 * problem", before the finalizer goes, because it may not be the last one.
 */
#include "controllers/namespace_deletion.h"

#include "api/kinds/kinds.h"
#include "api/meta/view_meta.h"

#define FINALIZER "kubernetes"

static bool holds_finalizer(const json *ns)
{
	json_each(f, json_get(ns, "spec", "finalizers"))
		if (streq(json_str(f), FINALIZER))
			return true;
	return false;
}

/* --- conditions --- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The sentences in order, joined by commas, after prefix; NULL when there are none. Takes the sentences. */
static char *join(const char *prefix, char **parts, size_t n)
{
	struct buf b = { 0 };

	if (!n)
		return NULL;
	qsort(parts, n, sizeof(*parts), by_text);
	buf_puts(&b, prefix);
	for (size_t i = 0; i < n; i++) {
		buf_printf(&b, "%s%s", i ? ", " : "", parts[i]);
		free(parts[i]);
	}
	return buf_steal(&b);
}

static char *say_failures(const struct namespace_deletion_in *in)
{
	_cleanup_free_ char **parts = xcalloc(in->n_failures, sizeof(*parts));
	_cleanup_free_ char *prefix = xasprintf("Failed to delete all resource types, %zu remaining: ", in->n_failures);

	for (size_t i = 0; i < in->n_failures; i++)
		parts[i] = xstrdup(in->failures[i]);
	return join(prefix, parts, in->n_failures);
}

static char *say_content(const struct namespace_content *c, size_t n)
{
	_cleanup_free_ char **parts = xcalloc(n, sizeof(*parts));
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (c[i].n_remaining)
			parts[k++] = xasprintf("%s.%s has %zu resource instances", c[i].res->plural, c[i].res->group,
					       c[i].n_remaining);
	return join("Some resources are remaining: ", parts, k);
}

static char *say_finalizers(const struct namespace_content *c, size_t n)
{
	_cleanup_json_ json *counts = json_new_object();
	_cleanup_free_ char **parts = NULL;
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		json_each(f, c[i].finalizers)
			json_set_int(counts, json_key(f), json_int(json_get(counts, json_key(f)), 0) + json_int(f, 0));
	parts = xcalloc(json_len(counts), sizeof(*parts));
	json_each(it, counts)
		parts[k++] = xasprintf("%s in %lld resource instances", json_key(it), (long long)json_int(it, 0));
	return join("Some content in the namespace has finalizers remaining: ", parts, k);
}

/* Puts the condition in its place in the list; the time stays where the status does. */
static void set_condition(json *list, const char *type, const char *status, const char *reason, const char *message,
			  uint64_t now)
{
	json *c = NULL;
	char time[32];

	json_each(it, list)
		if (streq(json_str(json_get(it, "type")), type))
			c = it;
	if (!c) {
		c = json_new_object();
		json_append(list, c);
		json_set_str(c, "type", type);
	}
	if (!streq(json_str(json_get(c, "status")), status) || !json_get(c, "lastTransitionTime")) {
		format_time(now, time);
		json_set_str(c, "lastTransitionTime", time);
	}
	json_set_str(c, "status", status);
	json_set_str(c, "reason", reason);
	json_set_str(c, "message", message);
}

static bool report(const struct namespace_deletion_in *in, const struct namespace_content *c, size_t n,
		   struct actions *out)
{
	_cleanup_free_ char *failures = say_failures(in), *content = say_content(c, n), *finalizers = say_finalizers(c, n);
	const struct {
		const char *type, *problem, *reason, *fine, *fine_reason;
	} conditions[] = {
		/* What is served is a table of the program: the first two cannot fail. */
		{ "NamespaceDeletionDiscoveryFailure", NULL, NULL,
		  "All resources successfully discovered", "ResourcesDiscovered" },
		{ "NamespaceDeletionGroupVersionParsingFailure", NULL, NULL,
		  "All legacy kube types successfully parsed", "ParsedGroupVersions" },
		{ "NamespaceDeletionContentFailure", failures, "ContentDeletionFailed",
		  "All content successfully deleted, may be waiting on finalization", "ContentDeleted" },
		{ "NamespaceContentRemaining", content, "SomeResourcesRemain",
		  "All content successfully removed", "ContentRemoved" },
		{ "NamespaceFinalizersRemaining", finalizers, "SomeFinalizersRemain",
		  "All content-preserving finalizers finished", "ContentHasNoFinalizers" },
	};
	json *status = json_clone(json_get(in->ns, "status")) ?: json_new_object(), *list;

	list = json_get(status, "conditions");
	if (!json_is_array(list))
		list = json_set(status, "conditions", json_new_array());
	for (size_t i = 0; i < ARRAY_SIZE(conditions); i++) {
		const char *problem = conditions[i].problem;

		set_condition(list, conditions[i].type, problem ? "True" : "False",
			      problem ? conditions[i].reason : conditions[i].fine_reason,
			      problem ?: conditions[i].fine, in->now);
	}
	return actions_patch_status(out, 0, &res_namespaces, in->ns, status) != NULL;
}

/* --- emptying --- */

/* Asks what lives to go; true when there was any. */
static bool delete_living(const struct namespace_content *c, size_t n, struct actions *out)
{
	size_t asked = 0;

	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < c[i].n_living && asked < NAMESPACE_BURST; j++, asked++) {
			struct action *act = actions_delete(out, 0, c[i].res, c[i].living[j], "Background");

			action_on_failure(act, "FailedDelete", "");
		}
	}
	return asked > 0;
}

static void finalize(const json *ns, struct actions *out)
{
	json *body = json_clone(ns), *left = json_new_array();

	for (size_t i = 0; kind_stored_at(i); i++) {
		const struct resource *res = kind_stored_at(i)->res;

		if (res->namespaced)
			action_on_failure(actions_delete_all(out, 0, res, meta_name(ns)), "FailedDelete", "");
	}
	json_each(f, json_get(ns, "spec", "finalizers"))
		if (!streq(json_str(f), FINALIZER))
			json_append(left, json_clone(f));
	json_set(json_obj(body, "spec"), "finalizers", left);
	actions_update(out, 1, &res_namespaces, ns, "finalize", body);
}

void namespace_delete(const struct namespace_deletion_in *in, struct actions *out)
{
	const struct namespace_content *c = in->content;
	size_t n = in->n_content;
	bool asked, some = false;

	if (!holds_finalizer(in->ns))
		return;
	for (size_t i = 0; i < in->n_content; i++) {
		const struct namespace_content *one = &in->content[i];

		some |= one->n_remaining > 0;
		if (one->res != &res_pods || !one->n_remaining)
			continue;
		c = one;	/* nothing else as long as there are pods */
		n = 1;
	}
	asked = delete_living(c, n, out);
	if (asked && !in->n_failures)
		return;
	if (!report(in, c, n, out) && !some)
		finalize(in->ns, out);
}
