/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podgc.h - removes pods that no agent will ever remove: their node is gone, or they never had one */
#ifndef KEELSON_CONTROLLERS_PODGC_H
#define KEELSON_CONTROLLERS_PODGC_H

#include "controllers/runner.h"

extern const struct controller podgc_controller;

/* A node that is announced late: its pods are left alone for so long after their creation. */
#define PODGC_QUARANTINE_US (40ULL * 1000000)

void podgc_reconcile(const json *pod, bool node_known, uint64_t now, struct actions *out);

#endif
