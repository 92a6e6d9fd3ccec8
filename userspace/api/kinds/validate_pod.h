/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * validate_pod.h - between the files that look at pods and at templates of pods
 *
 * validate_pod.c goes through a spec in the order in which Kubernetes reports;
 * each of the others knows one part of it.
 */
#ifndef KEELSON_API_KINDS_VALIDATE_POD_H
#define KEELSON_API_KINDS_VALIDATE_POD_H

#include "api/kinds/validate_parts.h"
#include "api/meta/validate_values.h"

/* A spec that is being looked at. */
struct pod_check {
	const json *spec;
	const char *path;	/* "spec", "spec.template.spec" */
	const json *pod;	/* whose spec it is; NULL: a template's */
	const json **volumes;	/* those that can be mounted: the others were complained about */
	size_t n_volumes;
	struct field_errors *e;
};

/* --- validate_volume.c --- */
/* spec.volumes; fills c->volumes. */
void validate_pod_volumes(struct pod_check *c);
/* The source in a PersistentVolumeSpec; node_affinity: spec.nodeAffinity was given. */
void validate_volume_source(const json *spec, const char *pv_name, bool node_affinity, const char *path,
			    struct field_errors *e);
/* Relative, and never above where it starts. */
void validate_relative_path(const char *s, const char *path, struct field_errors *e);
void validate_no_backsteps(const char *s, const char *path, struct field_errors *e);
bool has_backsteps(const char *s);
/* The name of a file in a volume: what begins with ".." is the volume's own. */
void validate_file_path(const char *s, const char *path, struct field_errors *e);
void validate_csi_driver_name(const char *name, const char *path, struct field_errors *e);

/* --- validate_container.c --- */
void validate_pod_containers(const struct pod_check *c);
/* What must hold of containers in a pod and need not in a template. */
void validate_pod_images(const struct pod_check *c, const char *list);
const json *pod_volume_named(const struct pod_check *c, const char *name);

/* --- validate_env.c --- */
void validate_env(const json *container, const char *path, struct field_errors *e);
/* An item of a downwardAPI volume. */
void validate_downward_item(const json *item, const char *path, struct field_errors *e);

/* --- validate_probe.c --- */
enum container_list { CONTAINERS, INIT_CONTAINERS, EPHEMERAL_CONTAINERS };
void validate_probes(const struct pod_check *c, const json *container, const char *path);
void validate_lifecycle(const struct pod_check *c, const json *container, const char *path);

/* --- validate_resources.c --- */
typedef void (*resource_name_check)(const char *name, const char *path, struct field_errors *e);
/* limits, requests and claims; claims is spec.resourceClaims. */
void validate_requirements(const json *resources, const json *claims, resource_name_check check, const char *path,
			   struct field_errors *e);
void validate_resize_policy(const struct pod_check *c, const json *container, const char *path);
/* spec.resources: of the pod as a whole */
void validate_pod_resources(const struct pod_check *c);
void validate_resource_claims(const struct pod_check *c);

/* --- validate_security.c --- */
void validate_container_security(const struct pod_check *c, const json *context, const char *path);
void validate_pod_security(const struct pod_check *c);
void validate_host_users(const struct pod_check *c);
/* What only one operating system can do is not asked of another. */
void validate_os(const struct pod_check *c);
void validate_windows_host_process(const struct pod_check *c);

/* --- validate_windows.c --- */
void validate_windows_options(const json *options, const char *path, struct field_errors *e);

/* --- validate_scheduling.c --- */
void validate_affinity(const json *affinity, const char *path, struct field_errors *e);
void validate_spread(const json *constraints, const char *path, struct field_errors *e);

/* --- validate_annotations.c: what a pod's, or a template's, annotations may say --- */
void validate_pod_annotations(const json *annotations, const json *spec, const char *path, struct field_errors *e);
void validate_profiles_agree(const json *meta, const json *spec, const char *path, struct field_errors *e);
void validate_pod_annotations_update(const json *new, const json *old, struct field_errors *e);
/* Does it stand for a pod that its node has from a file? */
bool pod_is_mirror(const json *pod);

/* --- validate_pod.c, validate_pod_update.c: what pod.c has; metadata was looked at --- */
void validate_pod_and_spec(const json *pod, struct field_errors *e);
/* What is only said of a new one. */
void validate_pod_create(const json *pod, struct field_errors *e);
void validate_pod_update(const json *new, const json *old, struct field_errors *e);
void validate_pod_status(const json *new, const json *old, struct field_errors *e);
void validate_pod_ephemeral(const json *new, const json *old, struct field_errors *e);
void validate_pod_resize(const json *new, const json *old, struct field_errors *e);

#endif
