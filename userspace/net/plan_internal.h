/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_internal.h - between plan.c (nodes, the whole) and plan_service.c
 */
#ifndef KEELSON_NET_PLAN_INTERNAL_H
#define KEELSON_NET_PLAN_INTERNAL_H

#include "net/plan.h"

void plan_problem(struct net_plan *p, const char *fmt, ...) PRINTF(2, 3);
/* Room for one more at the end of a growing array. */
void *plan_grow(void *array, size_t n, size_t size);

/* Fills p->services, sorted, without duplicates. */
void plan_services(struct net_plan *p, const json *const *services, size_t n_services,
		   const json *const *slices, size_t n_slices);

int plan_service_cmp(const struct dp_service *a, const struct dp_service *b);

#endif
