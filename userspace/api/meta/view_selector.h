/* SPDX-License-Identifier: GPL-2.0-or-later */
/* view_selector.h - LabelSelector objects (matchLabels, matchExpressions) */
#ifndef KEELSON_API_VIEW_SELECTOR_H
#define KEELSON_API_VIEW_SELECTOR_H

#include "base/json.h"

/* Does the selector choose these labels (either may be NULL)? NULL chooses nothing, {} everything. */
bool label_selector_matches(const json *selector, const json *labels);

#endif
