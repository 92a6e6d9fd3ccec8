/* SPDX-License-Identifier: GPL-2.0-or-later */
/* claim.h - what PersistentVolumeClaims, their templates and PersistentVolumes share */
#ifndef KEELSON_API_KINDS_CLAIM_H
#define KEELSON_API_KINDS_CLAIM_H

#include "api/kinds/rules.h"

#define ACCESS_MODES "ReadOnlyMany,ReadWriteMany,ReadWriteOnce,ReadWriteOncePod"
#define VOLUME_MODES "Block,Filesystem"
#define BETA_STORAGE_CLASS "volume.beta.kubernetes.io/storage-class"

/* A PersistentVolumeClaimSpec, of a claim or of a template of claims; may be NULL. */
void default_claim_spec(json *spec);
void validate_claim_spec(const json *spec, const char *path, struct field_errors *e);
/* {metadata, spec}: only labels and annotations of the former. */
void validate_claim_template(const json *template, const char *path, struct field_errors *e);
/* spec.accessModes, if there are some */
void validate_access_modes(const json *spec, const char *path, struct field_errors *e);
/* "RWO,ROX,RWX,RWOP", each once and in this order; caller frees. */
char *access_modes_text(const json *modes);
/* The class by the old annotation, else by the field; "" if there is none. */
const char *storage_class_of(const json *obj);

#endif
