/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctl.h - what the commands of keelsonctl share
 *
 * A command reads its words from args, does its work and returns 0, or fails
 * with a sentence: args->error for words that are wrong (usage), *ret_msg for
 * what the kernel or the system refused.
 */
#ifndef KEELSONCTL_CTL_H
#define KEELSONCTL_CTL_H

#include "base/json.h"
#include "cmd/keelsonctl/args.h"

struct ctl {
	struct keelson_nl *nl;
	bool json;		/* -o json */
};

#define CTL_USAGE (-EPROTO)	/* the words are wrong: args->error says how */

typedef int command_fn(struct ctl *c, struct args *a, char **ret_msg);

/* set.c: objects in the module's tables */
command_fn overlay_set, overlay_del, node_set, node_del, route_set, route_del;
command_fn service_set, service_del, flow_flush, sweep;
/* link.c: devices */
command_fn host_add, host_del, port_add, port_set, port_del;
/* show.c: what is there */
command_fn status_show, overlay_show, host_show, node_show, route_show, port_show, service_show, flow_show;
/* stats.c */
command_fn stats_show, stats_monitor;

/* Prints and frees. */
void ctl_print_json(json *j);
/* True when no word is left; else a->error is set. */
#define CTL_END_OR_USAGE(a) do { if (!args_end(a)) return CTL_USAGE; } while (0)

#endif
