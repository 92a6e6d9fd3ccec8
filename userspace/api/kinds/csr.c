// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * csr.c - CertificateSigningRequest: what was asked for never changes; /approval
 *         decides, /status brings the certificate
 */
#include "api/kinds/csr.h"
#include "api/kinds/rules.h"
#include "api/meta/validate_text.h"

#define LEGACY_SIGNER "kubernetes.io/legacy-unknown"
#define SHORTEST 600	/* seconds a certificate lasts */
#define DECISIONS "Approved,Denied"
#define SIGNER_MAX 571
#define DOMAIN_MAX 253

/* --- who asks, and when something was decided ------------------------------------------ */

static void sign(json *obj, const struct kind_user *user)
{
	json *spec = json_obj(obj, "spec"), *groups = json_new_array();

	json_del(spec, "uid");
	json_del(spec, "extra");
	json_set_str(spec, "username", user->name);
	for (const char *const *g = user->groups; *g; g++)
		json_append(groups, json_new_str(*g));
	json_set(spec, "groups", groups);
}

static void prepare_update(const json *cur, json *next)
{
	keep_member(next, cur, "spec");
}

static bool is_type(const json *c, const char *type)
{
	return streq(json_str_or(json_get(c, "type"), ""), type);
}

/* New conditions are of now; one that says what it said before has been so since then. */
static void stamp(const json *cur, json *next)
{
	char now[32];

	format_time(now_realtime_us(), now);
	json_each(c, json_get(next, "status", "conditions")) {
		const json *since = NULL;

		default_str(c, "lastUpdateTime", now);
		if (json_get(c, "lastTransitionTime"))
			continue;
		json_each(o, json_get(cur, "status", "conditions"))
			if (!since && is_type(o, json_str_or(json_get(c, "type"), "")) &&
			    json_equal(json_get(o, "status"), json_get(c, "status")))
				since = json_get(o, "lastTransitionTime");
		json_set_str(c, "lastTransitionTime", json_str_or(since, now));
	}
}

static int count(const json *obj, const char *type)
{
	int n = 0;

	json_each(c, json_get(obj, "status", "conditions"))
		n += is_type(c, type);
	return n;
}

/* The n-th condition of that type. */
static json *condition(const json *obj, const char *type, int n)
{
	json_each(c, json_get(obj, "status", "conditions"))
		if (is_type(c, type) && n-- == 0)
			return c;
	return NULL;
}

/* A decision is not told anew by whoever writes the status. */
static void prepare_status(const json *cur, json *next)
{
	static const char *const decisions[] = { "Approved", "Denied" };

	for (size_t d = 0; d < ARRAY_SIZE(decisions); d++)
		for (int i = 0; count(cur, decisions[d]) == count(next, decisions[d]) && i < count(cur, decisions[d]); i++)
			cJSON_ReplaceItemViaPointer(json_get(next, "status", "conditions"), condition(next, decisions[d], i),
						    json_clone(condition(cur, decisions[d], i)));
	stamp(cur, next);
}

static void prepare_approval(const json *cur, json *next)
{
	json *conditions = json_take(json_get(next, "status"), "conditions");

	keep_member(next, cur, "spec");
	keep_member(next, cur, "status");
	json_set(json_obj(next, "status"), "conditions", conditions);
	stamp(cur, next);
}

/* --- the request ------------------------------------------------------------------------- */

static const char usages[] =
	"any,cert sign,client auth,code signing,content commitment,crl sign,data encipherment,decipher only,digital signature,"
	"email protection,encipher only,ipsec end system,ipsec tunnel,ipsec user,key agreement,key encipherment,microsoft sgc,"
	"netscape sgc,ocsp signing,s/mime,server auth,signing,timestamping";

static bool is_before(const json *list, const json *it)
{
	for (const json *b = list->child; b != it; b = b->next)
		if (json_equal(b, it))
			return true;
	return false;
}

static bool all_known(const json *list)
{
	json_each(u, list)
		if (!one_of(json_str_or(u, ""), usages))
			return false;
	return true;
}

static bool all_different(const json *list)
{
	json_each(u, list)
		if (is_before(list, u))
			return false;
	return true;
}

static void validate_usages(const json *spec, const json *old, struct field_errors *e)
{
	const json *list = json_get(spec, "usages"), *was = json_get(old, "spec", "usages");
	bool known = !old || all_known(was), different = !old || all_different(was);
	int i = 0;

	if (!json_len(list))
		field_required(e, "spec.usages", "usages must be provided");
	json_each(u, known ? list : NULL) {
		PATH(p, "spec.usages[%d]", i++);

		if (!one_of(json_str_or(u, ""), usages))
			field_not_supported(e, p, json_str_or(u, ""), usages);
	}
	i = 0;
	json_each(u, different ? list : NULL) {
		PATH(p, "spec.usages[%d]", i++);

		if (is_before(list, u))
			field_duplicate(e, p, json_str_or(u, ""));
	}
}

/* Each part between dots is what check wants; the first that is not is told. */
static int validate_labels_of(const char *s, name_check check, const char *path, struct field_errors *e)
{
	_cleanup_free_ char *copy = xstrdup(s);
	bool told = false;
	int n = 1;

	for (const char *c = s; *c; c++)
		n += *c == '.';
	for (char *label = copy, *end; label && !told; label = end) {
		const char *why;

		end = strchr(label, '.');
		if (end)
			*end++ = '\0';
		why = check(label);
		if (why) {
			PATH(full, "validating label \"%s\": %s", label, why);

			field_invalid_str(e, path, s, full);
			told = true;
		}
	}
	return n;
}

void validate_signer_name(const char *s, const char *path, struct field_errors *e)
{
	const char *slash = strchr(s, '/');
	_cleanup_free_ char *domain = slash ? xstrndup(s, (size_t)(slash - s)) : NULL;

	if (!*s) {
		field_required(e, path, "signerName must be provided");
		return;
	}
	if (!slash || strchr(slash + 1, '/')) {
		field_invalid_str(e, path, s, "must be a fully qualified domain and path of the form 'example.com/signer-name'");
		return;
	}
	if (strlen(domain) > DOMAIN_MAX)
		field_too_long(e, path, DOMAIN_MAX);
	if (validate_labels_of(domain, invalid_dns1123_label, path, e) < 2)
		field_invalid_str(e, path, domain, "should be a domain with at least two segments separated by dots");
	validate_labels_of(slash + 1, invalid_dns1123_subdomain, path, e);
	if (strlen(s) > SIGNER_MAX)
		field_too_long(e, path, SIGNER_MAX);
}

/* --- conditions ----------------------------------------------------------------------------- */

static bool types_differ(const json *conditions)
{
	json_each(c, conditions)
		for (const json *b = conditions->child; b != c; b = b->next)
			if (is_type(b, json_str_or(json_get(c, "type"), "")))
				return false;
	return true;
}

static bool has_type_before(const json *conditions, const json *c, const char *type)
{
	for (const json *b = conditions->child; b != c; b = b->next)
		if (is_type(b, type))
			return true;
	return false;
}

static void validate_decisions(const json *obj, const json *old, struct field_errors *e)
{
	const json *conditions = json_get(obj, "status", "conditions");
	bool one = !count(old, "Approved") || !count(old, "Denied"), differ = types_differ(json_get(old, "status", "conditions"));
	int i = 0;

	json_each(c, conditions) {
		const char *type = json_str_or(json_get(c, "type"), ""), *other = streq(type, "Approved") ? "Denied" :
				   streq(type, "Denied") ? "Approved" : NULL;
		PATH(path, "status.conditions[%d]", i++);
		PATH(type_path, "%s.type", path);

		if (!count(old, ""))
			need_text(c, "type", path, NULL, e);
		validate_enum(c, "status", other || streq(type, "Failed") ? "True" : "False,True,Unknown", path, e);
		if (one && other && has_type_before(conditions, c, other))
			field_invalid_str(e, type_path, type, "Approved and Denied conditions are mutually exclusive");
		if (differ && has_type_before(conditions, c, type))
			field_duplicate(e, type_path, type);
	}
}

static void validate_all(const json *obj, const json *old, struct field_errors *e)
{
	const json *spec = json_get(obj, "spec"), *seconds = json_get(spec, "expirationSeconds");
	const char *signer = json_str_or(json_get(spec, "signerName"), "");
	const char *request = json_str_or(json_get(spec, "request"), ""), *why = csr_fault(request);
	const json *certificate = json_get(obj, "status", "certificate"), *was = json_get(old, "status", "certificate");

	if (why)
		field_invalid_str(e, "spec.request", request, why);
	validate_usages(spec, old, e);
	if (streq(signer, LEGACY_SIGNER) && !streq(json_str(json_get(old, "spec", "signerName")), LEGACY_SIGNER))
		field_invalid_str(e, "spec.signerName", signer, "the legacy signerName is not allowed via this API version");
	else
		validate_signer_name(signer, "spec.signerName", e);
	if (seconds && json_int(seconds, 0) < SHORTEST)
		field_invalid_int(e, "spec.expirationSeconds", json_int(seconds, 0),
				  "may not specify a duration less than 600 seconds (10 minutes)");
	validate_decisions(obj, old, e);
	if (!certificate || (old && json_equal(certificate, was)) || (was && certificate_fault(json_str_or(was, ""))))
		return;
	why = certificate_fault(json_str_or(certificate, ""));
	if (why)
		field_invalid_str(e, "status.certificate", "<certificate data>", why);
}

static void validate_csr(const json *obj, struct field_errors *e)
{
	validate_all(obj, NULL, e);
}

/* --- changes ------------------------------------------------------------------------------- */

/* Conditions of that type, in order; caller owns the list. */
static json *conditions_of(const json *obj, const char *type)
{
	json *list = json_new_array();

	json_each(c, json_get(obj, "status", "conditions"))
		if (is_type(c, type))
			json_append(list, json_clone(c));
	return list;
}

static void validate_step(const json *new, const json *old, bool may_decide, bool may_issue, struct field_errors *e)
{
	static const char *const types[] = { "Approved", "Denied", "Failed" };
	const json *certificate = json_get(new, "status", "certificate"), *was = json_get(old, "status", "certificate");

	validate_all(new, old, e);
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		PATH(why, "updates may not remove a condition of type \"%s\"", types[i]);

		if (count(new, types[i]) < count(old, types[i]))
			field_forbidden(e, "status.conditions", why);
	}
	for (size_t i = 0; !may_decide && i < 2; i++) {
		_cleanup_json_ json *now = conditions_of(new, types[i]), *before = conditions_of(old, types[i]);
		PATH(added, "updates may not add a condition of type \"%s\"", types[i]);
		PATH(changed, "updates may not modify a condition of type \"%s\"", types[i]);

		if (json_len(now) > json_len(before))
			field_forbidden(e, "status.conditions", added);
		else if (json_len(now) == json_len(before) && !json_equal(now, before))
			field_forbidden(e, "status.conditions", changed);
	}
	if (json_equal(certificate, was))
		return;
	if (!may_issue)
		field_forbidden(e, "status.certificate", "updates may not set certificate content");
	else if (was)
		field_forbidden(e, "status.certificate", "updates may not modify existing certificate content");
}

static void validate_csr_update(const json *new, const json *old, struct field_errors *e)
{
	validate_step(new, old, false, false, e);
}

static void validate_status(const json *new, const json *old, struct field_errors *e)
{
	validate_step(new, old, false, true, e);
}

static void validate_approval(const json *new, const json *old, struct field_errors *e)
{
	validate_step(new, old, true, false, e);
}

/* --- what is shown --------------------------------------------------------------------------- */

static void csr_cells(json *cells, const json *obj, uint64_t now_us)
{
	const json *seconds = json_get(obj, "spec", "expirationSeconds");
	const char *decision = count(obj, "Denied") ? "Denied" : count(obj, "Approved") ? "Approved" : "Pending";

	cell_name(cells, obj);
	cell_age(cells, obj, now_us);
	cell_str_or(cells, text_of(json_get(obj, "spec"), "signerName"), "<none>");
	cell_str(cells, json_str_or(json_get(obj, "spec", "username"), ""));
	cell_take(cells, seconds ? human_duration(json_int(seconds, 0) * 1000000) : xstrdup("<none>"));
	cell_take(cells, xasprintf("%s%s%s", decision, count(obj, "Failed") ? ",Failed" : "",
				   text_of(json_get(obj, "status"), "certificate") ? ",Issued" : ""));
}

static const struct sub_rules subs[] = {
	{ "approval", prepare_approval, validate_approval },
	{ 0 },
};

const struct kind_rules kind_rules_csr = {
	.prepare_update = prepare_update,
	.prepare_status = prepare_status,
	.sign = sign,
	.subs = subs,
	.validate = validate_csr,
	.validate_update = validate_csr_update,
	.order = UPDATE_ALONE,
	.validate_status = validate_status,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN_AGE,
		COLUMN("SignerName", "string", "Who is asked for the certificate."),
		COLUMN("Requestor", "string", "Who asks."),
		COLUMN("RequestedDuration", "string", "How long the certificate should last."),
		COLUMN("Condition", "string", "What was decided.")),
	.cells = csr_cells,
};
