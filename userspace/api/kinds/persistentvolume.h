/* SPDX-License-Identifier: GPL-2.0-or-later */
/* persistentvolume.h - the spec of a PersistentVolume that stands in a VolumeAttachment */
#ifndef KEELSON_API_KINDS_PERSISTENTVOLUME_H
#define KEELSON_API_KINDS_PERSISTENTVOLUME_H

#include "api/meta/validate.h"

void validate_inline_volume(const json *spec, const char *path, struct field_errors *e);

#endif
