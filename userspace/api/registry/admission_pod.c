// SPDX-License-Identifier: GPL-2.0-or-later
/* admission_pod.c - a pod's ServiceAccount and priority, see admission.h */
#include "api/kinds/rules.h"
#include "api/registry/admission.h"

#define DEFAULT_ACCOUNT "default"
#define ACCOUNT_WAIT_US 100000u		/* a new namespace's account is made in this time ... */
#define ACCOUNT_TRIES 10		/* ... or some more of it */
#define MIRROR "kubernetes.io/config.mirror"	/* a pod that its node has made, and only shows here */
#define LOWER "PreemptLowerPriority"

static json *spec_of(struct admission *a)
{
	return json_obj(a->object, "spec");
}

static bool is_mirror(const struct admission *a)
{
	return json_get(a->object, "metadata", "annotations", MIRROR);
}

/* --- ServiceAccount -------------------------------------------------------------------- */

static const char *account_of(struct admission *a)
{
	return json_str_or(json_get(spec_of(a), "serviceAccountName"), "");
}

static void account_found(struct admission *a, const json *account)
{
	json *spec = spec_of(a);
	const json *secrets;

	if (!account) {
		/* The controller makes it soon after the namespace. */
		if (streq(account_of(a), DEFAULT_ACCOUNT) && admission_again(a, ACCOUNT_WAIT_US, ACCOUNT_TRIES))
			return;
		admission_refuse(a, admission_forbidden(a, "error looking up service account %s/%s: serviceaccount \"%s\" not found",
							a->ns, account_of(a), account_of(a)));
		return;
	}
	secrets = json_get(account, "imagePullSecrets");
	if (json_len(secrets) && !json_len(json_get(spec, "imagePullSecrets")))
		json_set(spec, "imagePullSecrets", json_clone(secrets));
	admission_pass(a);
}

/* A pod runs as an account of its namespace, and has that account's secrets for images. */
void admit_service_account(struct admission *a)
{
	json *spec = spec_of(a);

	if (is_mirror(a)) {
		admission_pass(a);
		return;
	}
	if (!*account_of(a))
		json_set_str(spec, "serviceAccountName", DEFAULT_ACCOUNT);
	/* The name's older name. */
	json_set_str(spec, "serviceAccount", account_of(a));
	admission_get(a, &kind_serviceaccounts, a->ns, account_of(a), account_found);
}

/* --- priority ----------------------------------------------------------------------------- */

/* What the class (NULL: none) says has to be what the pod says, if it says anything. */
static void resolve(struct admission *a, const json *class)
{
	int64_t value = json_int(json_get(class, "value"), 0);
	const char *policy = json_str_or(json_get(class, "preemptionPolicy"), LOWER);
	json *spec = spec_of(a);
	int64_t given = json_int(json_get(spec, "priority"), value);
	const char *given_policy = json_str_or(json_get(spec, "preemptionPolicy"), policy);

	if (given != value) {
		admission_refuse(a, admission_forbidden(a, "the integer value of priority (%lld) must not be provided in pod spec; "
							"priority admission controller computed %lld from the given PriorityClass name",
							(long long)given, (long long)value));
		return;
	}
	if (!streq(given_policy, policy)) {
		admission_refuse(a, admission_forbidden(a, "the string value of PreemptionPolicy (%s) must not be provided in pod spec; "
							"priority admission controller computed %s from the given PriorityClass name",
							given_policy, policy));
		return;
	}
	json_set_int(spec, "priority", value);
	json_set_str(spec, "preemptionPolicy", policy);
	admission_pass(a);
}

static void class_found(struct admission *a, const json *class)
{
	if (class)
		resolve(a, class);
	else
		admission_refuse(a, admission_forbidden(a, "no PriorityClass with name %s was found",
							json_str(json_get(spec_of(a), "priorityClassName"))));
}

/* Where more than one is the default, after all, the one of lowest value is. */
static const json *default_class(const json *classes)
{
	const json *found = NULL;

	json_each(c, classes)
		if (json_bool(json_get(c, "globalDefault"), false) &&
		    (!found || json_int(json_get(c, "value"), 0) < json_int(json_get(found, "value"), 0)))
			found = c;
	return found;
}

static void classes_found(struct admission *a, const json *classes)
{
	const json *class = default_class(classes);

	if (class)
		json_set_str(spec_of(a), "priorityClassName", json_str(json_get(class, "metadata", "name")));
	resolve(a, class);
}

/* A number for the class that a pod names. Later it stays, whatever becomes of the class. */
void admit_priority(struct admission *a)
{
	const char *class = json_str_or(json_get(spec_of(a), "priorityClassName"), "");

	if (a->operation == ADMIT_UPDATE) {
		fill_member(spec_of(a), json_get(a->old, "spec"), "priority");
		fill_member(spec_of(a), json_get(a->old, "spec"), "preemptionPolicy");
		admission_pass(a);
	} else if (*class) {
		admission_get(a, &kind_priorityclasses, NULL, class, class_found);
	} else {
		admission_list(a, &kind_priorityclasses, classes_found);
	}
}

static void defaults_found(struct admission *a, const json *classes)
{
	const char *name = json_str_or(json_get(a->object, "metadata", "name"), "");
	const json *other = default_class(classes);
	const char *taken = json_str_or(json_get(other, "metadata", "name"), name);

	if (streq(taken, name))
		admission_pass(a);
	else
		admission_refuse(a, admission_forbidden(a, "PriorityClass %s is already marked as default. Only one default can exist",
							taken));
}

/* There is one default at most. */
void admit_default_priority_class(struct admission *a)
{
	if (json_bool(json_get(a->object, "globalDefault"), false))
		admission_list(a, &kind_priorityclasses, defaults_found);
	else
		admission_pass(a);
}
