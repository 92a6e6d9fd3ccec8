// SPDX-License-Identifier: GPL-2.0-or-later
/* apps.c - field tables: Deployment, ReplicaSet and Scale */
#include "api/schema/types.h"

TYPE(RollingUpdateDeployment, PKG_APPS, NULL,
	INT_OR_STRING("maxSurge"),
	INT_OR_STRING("maxUnavailable"))

TYPE(DeploymentStrategy, PKG_APPS, NULL,
	OBJECT("rollingUpdate", RollingUpdateDeployment),
	STR("type", ONE_OF("Recreate,RollingUpdate")))

TYPE(DeploymentSpec, PKG_APPS, "The wanted state of a Deployment.",
	INT32("minReadySeconds"),
	BOOL("paused"),
	INT32("progressDeadlineSeconds"),
	INT32("replicas"),
	INT32("revisionHistoryLimit"),
	OBJECT("selector", LabelSelector, REQUIRED),
	OBJECT("strategy", DeploymentStrategy, RETAIN_KEYS),
	OBJECT("template", PodTemplateSpec, REQUIRED))

TYPE(DeploymentCondition, PKG_APPS, NULL,
	TIME("lastTransitionTime"),
	TIME("lastUpdateTime"),
	STR("message"),
	STR("reason"),
	STR("status", REQUIRED),
	STR("type", REQUIRED))

TYPE(DeploymentStatus, PKG_APPS, NULL,
	INT32("availableReplicas"),
	INT32("collisionCount"),
	LIST("conditions", DeploymentCondition, MERGE_BY("type", "type")),
	INT64("observedGeneration"),
	INT32("readyReplicas"),
	INT32("replicas"),
	INT32("unavailableReplicas"),
	INT32("updatedReplicas"))

TYPE(Deployment, PKG_APPS, "Pods and ReplicaSets kept at a declared state, with rolling updates.",
	STR("apiVersion"),
	STR("kind"),
	OBJECT("metadata", ObjectMeta),
	OBJECT("spec", DeploymentSpec),
	OBJECT("status", DeploymentStatus))

TYPE(ReplicaSetSpec, PKG_APPS, NULL,
	INT32("minReadySeconds"),
	INT32("replicas"),
	OBJECT("selector", LabelSelector, REQUIRED),
	OBJECT("template", PodTemplateSpec))

TYPE(ReplicaSetCondition, PKG_APPS, NULL,
	TIME("lastTransitionTime"),
	STR("message"),
	STR("reason"),
	STR("status", REQUIRED),
	STR("type", REQUIRED))

TYPE(ReplicaSetStatus, PKG_APPS, NULL,
	INT32("availableReplicas"),
	LIST("conditions", ReplicaSetCondition, MERGE_BY("type", "type")),
	INT32("fullyLabeledReplicas"),
	INT64("observedGeneration"),
	INT32("readyReplicas"),
	INT32("replicas", REQUIRED))

TYPE(ReplicaSet, PKG_APPS, "A set number of equal pods.",
	STR("apiVersion"),
	STR("kind"),
	OBJECT("metadata", ObjectMeta),
	OBJECT("spec", ReplicaSetSpec),
	OBJECT("status", ReplicaSetStatus))

TYPE(ScaleSpec, PKG_AUTOSCALING, NULL,
	INT32("replicas"))

TYPE(ScaleStatus, PKG_AUTOSCALING, NULL,
	INT32("replicas", REQUIRED),
	STR("selector"))

TYPE(Scale, PKG_AUTOSCALING, "The wanted and the present number of replicas.",
	STR("apiVersion"),
	STR("kind"),
	OBJECT("metadata", ObjectMeta),
	OBJECT("spec", ScaleSpec),
	OBJECT("status", ScaleStatus))
