/* SPDX-License-Identifier: GPL-2.0-or-later */
/* job.h - between the files that know Jobs, and the kinds that make them */
#ifndef KEELSON_API_KINDS_JOB_H
#define KEELSON_API_KINDS_JOB_H

#include "api/meta/validate.h"

/* What a Job's pods carry. */
#define JOB_UID_LABEL "batch.kubernetes.io/controller-uid"
#define JOB_NAME_LABEL "batch.kubernetes.io/job-name"
/* The same as they were called before. */
#define JOB_OLD_UID_LABEL "controller-uid"
#define JOB_OLD_NAME_LABEL "job-name"

/* --- validate_job.c --- */
/* A JobSpec in a Job or in a template of Jobs, but for its selector. */
void validate_job_spec(const json *spec, const char *path, struct field_errors *e);
/* podFailurePolicy and successPolicy; path is the spec's: validate_job_policy.c */
void validate_job_failure_policy(const json *spec, const char *path, struct field_errors *e);
void validate_job_success_policy(const json *spec, const char *path, struct field_errors *e);

/* --- validate_job_status.c --- */
void validate_job_status(const json *new, const json *old, struct field_errors *e);

bool job_is_indexed(const json *spec);

#endif
