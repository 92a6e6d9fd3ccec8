/* SPDX-License-Identifier: GPL-2.0-or-later */
/* admission.h - what webhooks and admission policies share: rules, selectors, conditions, where to call */
#ifndef KEELSON_API_KINDS_ADMISSION_H
#define KEELSON_API_KINDS_ADMISSION_H

#include "api/kinds/rules.h"

#define FAILURE_POLICIES "Fail,Ignore"
#define MATCH_POLICIES "Equivalent,Exact"

/* Each scope that is not given is "*". */
void default_admission_rules(json *rules);
/* obj[key] is {} where there is none. */
void default_selectors(json *obj);

/* A rule with operations; path is its own. */
void validate_admission_rule(const json *rule, const char *path, struct field_errors *e);
/* matchConditions; path is the list's. */
void validate_match_conditions(const json *list, const char *path, struct field_errors *e);
/* Space around it aside, is there a text? */
bool is_blank(const char *s);

/* --- webhook_config.c: where something is called --- */
void validate_webhook_url(const char *url, const char *path, struct field_errors *e);
/* A service's name, namespace, path and port. */
void validate_webhook_service(const json *service, const char *path, struct field_errors *e);

#endif
