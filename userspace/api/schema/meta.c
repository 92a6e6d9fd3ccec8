// SPDX-License-Identifier: GPL-2.0-or-later
/* meta.c - field tables: metadata, label selectors, Status, DeleteOptions */
#include "api/schema/types.h"

TYPE(ManagedFieldsEntry, PKG_META, NULL,
	STR("apiVersion"),
	STR("fieldsType"),
	ANY("fieldsV1"),
	STR("manager"),
	STR("operation"),
	STR("subresource"),
	TIME("time"))

TYPE(OwnerReference, PKG_META, NULL,
	STR("apiVersion", REQUIRED),
	BOOL("blockOwnerDeletion"),
	BOOL("controller"),
	STR("kind", REQUIRED),
	STR("name", REQUIRED),
	STR("uid", REQUIRED))

TYPE(ObjectMeta, PKG_META, "What every object has: names, labels, versions, owners.",
	STRINGS_MAP("annotations"),
	TIME("creationTimestamp"),
	INT64("deletionGracePeriodSeconds"),
	TIME("deletionTimestamp"),
	STRINGS("finalizers", MERGE_SET),
	STR("generateName"),
	INT64("generation"),
	STRINGS_MAP("labels"),
	LIST("managedFields", ManagedFieldsEntry),
	STR("name"),
	STR("namespace"),
	LIST("ownerReferences", OwnerReference, MERGE_BY("uid", "uid")),
	STR("resourceVersion"),
	STR("selfLink"),
	STR("uid"))

TYPE(LabelSelectorRequirement, PKG_META, NULL,
	STR("key", REQUIRED),
	STR("operator", REQUIRED),
	STRINGS("values"))

TYPE(LabelSelector, PKG_META, "Chooses objects by their labels.",
	LIST("matchExpressions", LabelSelectorRequirement),
	STRINGS_MAP("matchLabels"))

TYPE(Condition, PKG_META, NULL,
	TIME("lastTransitionTime", REQUIRED),
	STR("message", REQUIRED),
	INT64("observedGeneration"),
	STR("reason", REQUIRED),
	STR("status", REQUIRED),
	STR("type", REQUIRED))

TYPE(Preconditions, PKG_META, NULL,
	STR("resourceVersion"),
	STR("uid"))

TYPE(DeleteOptions, PKG_META, "How an object is to be deleted.",
	STR("apiVersion"),
	STRINGS("dryRun"),
	INT64("gracePeriodSeconds"),
	BOOL("ignoreStoreReadErrorWithClusterBreakingPotential"),
	STR("kind"),
	BOOL("orphanDependents"),
	OBJECT("preconditions", Preconditions),
	STR("propagationPolicy"))

TYPE(StatusCause, PKG_META, NULL,
	STR("field"),
	STR("message"),
	STR("reason"))

TYPE(StatusDetails, PKG_META, NULL,
	LIST("causes", StatusCause),
	STR("group"),
	STR("kind"),
	STR("name"),
	INT32("retryAfterSeconds"),
	STR("uid"))

TYPE(ListMeta, PKG_META, NULL,
	STR("continue"),
	INT64("remainingItemCount"),
	STR("resourceVersion"),
	STR("selfLink"))

TYPE(Status, PKG_META, "The outcome of a call that returns no object.",
	STR("apiVersion"),
	INT32("code"),
	OBJECT("details", StatusDetails),
	STR("kind"),
	STR("message"),
	OBJECT("metadata", ListMeta),
	STR("reason"),
	STR("status"))
