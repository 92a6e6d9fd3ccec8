/* SPDX-License-Identifier: GPL-2.0-or-later */
/* selector_label.h - the label selector grammar: "app=web,tier in (a,b),!old,n gt 3" */
#ifndef KEELSON_API_SELECTOR_LABEL_H
#define KEELSON_API_SELECTOR_LABEL_H

#include "base/json.h"

struct label_selector;

/* 0, or -EINVAL and the API server's sentence in *ret_msg, to free. */
int label_selector_parse(const char *text, struct label_selector **ret, char **ret_msg);
void label_selector_free(struct label_selector *s);
/* labels: an object of strings, or NULL. */
bool label_selector_match(const struct label_selector *s, const json *labels);
/* A label that must have one certain value, if there is such a requirement; borrowed. */
bool label_selector_pin(const struct label_selector *s, const char **ret_key, const char **ret_value);

#endif
