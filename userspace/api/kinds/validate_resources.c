// SPDX-License-Identifier: GPL-2.0-or-later
/* validate_resources.c - what containers and pods ask for, see validate_pod.h */
#include "api/kinds/amounts.h"
#include "api/kinds/validate_pod.h"
#include "api/schema/quantity.h"

#define COMPUTE "cpu,memory"

/* A request lies within its limit, and is all of it where nothing is promised twice. */
static void validate_request(const json *request, const json *limit, const char *path, struct field_errors *e)
{
	const char *name = json_key(request);
	int cmp = quantity_compare(request, limit);
	bool exact = !resource_may_overcommit(name);

	if (!limit && exact) {
		child_required(e, path, "limits", "Limit must be set for non overcommitable resources");
	} else if (limit && (exact ? cmp != 0 : cmp > 0)) {
		PATH(why, "must be %s %s limit of %s", exact ? "equal to" : "less than or equal to", name,
		     json_str_or(limit, ""));

		child_invalid(e, path, "requests", request, why);
	}
}

/* All amounts of limits or of requests; limits: what the requests have to lie within. */
static void validate_amounts(const json *amounts, const char *list, const json *limits, resource_name_check check,
			     const char *path, struct field_errors *e)
{
	json_each(q, amounts) {
		const char *name = json_key(q);
		PATH(p, "%s.%s[%s]", path, list, name);

		check(name, p, e);
		validate_resource_amount(name, q, p, e);
		if (streq(list, "requests"))
			validate_request(q, json_get(limits, name), path, e);
		if (resource_is_hugepages(name) && !hugepages_divide(name, q)) {
			PATH(why, "%s is not positive integer multiple of %s", json_str_or(q, ""), name);

			field_invalid(e, p, q, why);
		}
	}
}

static bool has_any(const json *resources, bool (*is)(const char *name))
{
	static const char *const lists[] = { "limits", "requests" };

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		json_each(q, json_get(resources, lists[i]))
			if (is(json_key(q)))
				return true;
	return false;
}

static bool is_compute(const char *name)
{
	return one_of(name, COMPUTE);
}

/* A claim is used whole, or by its requests, each once. */
static bool used_before(const json *list, const json *use)
{
	const char *name = text_of(use, "name"), *request = text_of(use, "request");

	for (const json *b = list->child; b != use; b = b->next)
		if (streq(text_of(b, "name"), name) &&
		    (!request || !text_of(b, "request") || streq(text_of(b, "request"), request)))
			return true;
	return false;
}

static void not_a_claim(const json *claims, const char *name, const char *path, struct field_errors *e)
{
	_cleanup_free_ char *quoted = NULL;
	_cleanup_json_ json *j = json_new_str(name);
	struct buf b = {0};

	quoted = json_print(j);
	json_each(c, claims)
		buf_printf(&b, "%s%s", b.len ? ", " : ": ", json_str_or(json_get(c, "name"), ""));
	field_error(e, path, FIELD_NOT_FOUND, "Not found: %s: must be one of the names in pod.spec.resourceClaims%s", quoted,
		    b.len ? b.data : " which is empty");
	buf_free(&b);
}

static void validate_claim_uses(const json *uses, const json *claims, const char *path, struct field_errors *e)
{
	int i = 0;

	json_each(u, uses) {
		const char *name = text_of(u, "name"), *request = text_of(u, "request");
		PATH(base, "%s.claims[%d]", path, i++);
		PATH(whole, "%s%s%s", name ?: "", request ? "/" : "", request ?: "");

		if (!name) {
			field_required(e, base, NULL);
			continue;
		}
		validate_name(u, "request", invalid_dns1123_label, base, e);
		if (used_before(uses, u))
			field_duplicate(e, base, whole);
		if (!list_has_before(claims, NULL, "name", name))
			not_a_claim(claims, name, base, e);
	}
}

void validate_requirements(const json *resources, const json *claims, resource_name_check check, const char *path,
			   struct field_errors *e)
{
	const json *limits = json_get(resources, "limits");

	validate_amounts(limits, "limits", NULL, check, path, e);
	validate_amounts(json_get(resources, "requests"), "requests", limits, check, path, e);
	if (has_any(resources, resource_is_hugepages) && !has_any(resources, is_compute))
		field_forbidden(e, path, "HugePages require cpu or memory");
	validate_claim_uses(json_get(resources, "claims"), claims, path, e);
}

void validate_resize_policy(const struct pod_check *c, const json *container, const char *path)
{
	static const char policies[] = "NotRequired,RestartContainer";
	const json *list = json_get(container, "resizePolicy");
	bool never = streq(text_of(c->spec, "restartPolicy"), "Never");
	int i = 0;
	PATH(base, "%s.resizePolicy", path);

	json_each(p, list) {
		const char *name = json_str_or(json_get(p, "resourceName"), "");
		const char *policy = json_str_or(json_get(p, "restartPolicy"), "");
		PATH(item, "%s[%d]", base, i++);

		if (list_has_before(list, p, "resourceName", name))
			field_duplicate(c->e, item, name);
		if (!*name)
			field_required(c->e, base, NULL);
		else if (!one_of(name, COMPUTE))
			field_not_supported(c->e, base, name, COMPUTE);
		if (!*policy)
			field_required(c->e, base, NULL);
		else if (!one_of(policy, policies))
			field_not_supported(c->e, base, policy, policies);
		if (never && !streq(policy, "NotRequired"))
			field_invalid_str(c->e, base, policy, "must be 'NotRequired' when `restartPolicy` is 'Never'");
	}
}

/* --- the pod as a whole -------------------------------------------------------------- */

static void pod_resource_name(const char *name, const char *path, struct field_errors *e)
{
	size_t before = e->n;

	validate_resource_name(name, path, e);
	if (e->n == before && !one_of(name, COMPUTE) && !resource_is_hugepages(name))
		field_not_supported(e, path, name, COMPUTE);
}

/* The pod asks for what its containers ask for, at least; each resource is looked at once. */
static void validate_sums(const struct pod_check *c, const json *resources, const char *path)
{
	static const char *const lists[] = { "containers", "initContainers" };
	_cleanup_json_ json *seen = json_new_object();

	for (size_t l = 0; l < ARRAY_SIZE(lists); l++)
		json_each(container, json_get(c->spec, lists[l]))
			json_each(q, json_get(container, "resources", "requests")) {
				const json *whole = json_get(resources, "requests", json_key(q));
				_cleanup_free_ char *sum = containers_request(c->spec, json_key(q));
				_cleanup_json_ json *j = json_new_str(sum);
				PATH(p, "%s.requests[%s]", path, json_key(q));
				PATH(why, "must be greater than or equal to aggregate container requests of %s", sum);

				if (!json_get(seen, json_key(q)) && quantity_compare(j, whole) > 0)
					field_invalid_str(c->e, p, json_str_or(whole, "0"), why);
				json_set_bool(seen, json_key(q), true);
			}
}

static void validate_container_limits(const struct pod_check *c, const json *resources, const char *path)
{
	int i = 0;

	json_each(container, json_get(c->spec, "containers")) {
		json_each(q, json_get(container, "resources", "limits")) {
			const json *whole = json_get(resources, "limits", json_key(q));
			PATH(p, "%s.containers[%d][%s].limits", path, i, json_key(q));
			PATH(why, "must be less than or equal to pod limits of %s", json_str_or(whole, ""));

			if (whole && quantity_compare(q, whole) > 0)
				field_invalid(c->e, p, q, why);
		}
		i++;
	}
}

void validate_pod_resources(const struct pod_check *c)
{
	const json *resources = json_get(c->spec, "resources");
	PATH(path, "%s.resources", c->path);

	if (!resources)
		return;
	if (json_get(resources, "claims"))
		child_forbidden(c->e, path, "claims", "claims cannot be set for Resources at pod-level");
	validate_requirements(resources, json_get(c->spec, "resourceClaims"), pod_resource_name, path, c->e);
	validate_sums(c, resources, path);
	validate_container_limits(c, resources, path);
}

void validate_resource_claims(const struct pod_check *c)
{
	const json *claims = json_get(c->spec, "resourceClaims");
	int i = 0;

	json_each(claim, claims) {
		const char *name = text_of(claim, "name");
		bool by_name = json_get(claim, "resourceClaimName"), by_template = json_get(claim, "resourceClaimTemplateName");
		PATH(base, "%s.resourceClaims[%d]", c->path, i++);

		if (list_has_before(claims, claim, "name", name))
			child_duplicate(c->e, base, "name", name);
		else
			validate_given_name(claim, "name", invalid_dns1123_label, base, c->e);
		if (by_name && by_template)
			field_invalid(c->e, base, claim, "at most one of `resourceClaimName` or `resourceClaimTemplateName` "
				      "may be specified");
		if (!by_name && !by_template)
			field_invalid(c->e, base, claim, "must specify one of: `resourceClaimName`, "
				      "`resourceClaimTemplateName`");
		validate_name(claim, "resourceClaimName", invalid_dns1123_subdomain, base, c->e);
		validate_name(claim, "resourceClaimTemplateName", invalid_dns1123_subdomain, base, c->e);
	}
}
