/* SPDX-License-Identifier: GPL-2.0-or-later */
/* defaults_pod.h - defaults of pods, and of pod templates */
#ifndef KEELSON_API_DEFAULTS_POD_H
#define KEELSON_API_DEFAULTS_POD_H

#include "api/kinds/defaults.h"

/* A PodSpec, in a pod or in a controller's template. */
void default_pod_spec(json *spec);
/* The PodTemplateSpec of a controller at owner.template, made where there is none. */
void default_template(json *owner);
/* What only a pod itself gets, on top of default_pod_spec(). */
void default_pod(json *pod);
void admit_pod(json *pod);

#endif
