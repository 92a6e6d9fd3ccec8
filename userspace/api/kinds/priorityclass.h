/* SPDX-License-Identifier: GPL-2.0-or-later */
/* priorityclass.h - the classes that every cluster has */
#ifndef KEELSON_API_KINDS_PRIORITYCLASS_H
#define KEELSON_API_KINDS_PRIORITYCLASS_H

#include <stdint.h>

/* 0 for any other. */
int64_t priority_of_system_class(const char *name);

#endif
