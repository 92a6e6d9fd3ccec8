/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * args.h - the words of one command, read from left to right
 *
 * Pure. The first thing that is wrong is kept as a sentence in `error`; what
 * follows it is not looked at, so a caller may read several words and check
 * once. Words are borrowed.
 */
#ifndef KEELSONCTL_ARGS_H
#define KEELSONCTL_ARGS_H

#include "net/keelson_nl.h"

struct args {
	char *const *words;
	size_t n;
	size_t next;	/* index of the word to read */
	char *error;	/* free with args_free() */
};
void args_free(struct args *a);

/* Keeps the sentence unless there is one already. Always false. */
bool args_fail(struct args *a, const char *fmt, ...) PRINTF(2, 3);
bool args_more(const struct args *a);	/* a word is left and nothing is wrong */
/* The next word if it is that keyword is taken: true. */
bool args_keyword(struct args *a, const char *keyword);
/* Each of these takes a word; `what` names it in the error. False: see error. */
bool args_word(struct args *a, const char *what, const char **ret);
bool args_number(struct args *a, const char *what, int64_t min, int64_t max, int64_t *ret);
bool args_addr(struct args *a, const char *what, struct net_addr *ret);
bool args_prefix(struct args *a, const char *what, struct net_prefix *ret);
bool args_mac(struct args *a, const char *what, uint8_t ret[6]);
/* "10.96.0.10:80/tcp" */
bool args_vip(struct args *a, const char *what, struct net_addr *ret, uint16_t *ret_port, uint8_t *ret_proto);
/* False, naming the word, if any is left. */
bool args_end(struct args *a);

/* The commands that carry an object, after "node set" and the like. False: see a->error. */
struct overlay_args {
	struct dp_overlay overlay;	/* uplink is left 0 */
	const char *dev;		/* its name, or NULL */
};
bool args_overlay(struct args *a, struct overlay_args *ret);
bool args_node(struct args *a, struct dp_node *ret, uint32_t *ret_generation);
bool args_route(struct args *a, struct dp_route *ret, uint32_t *ret_generation);
/* ret->backends belongs to the caller, also on failure. */
bool args_service(struct args *a, struct dp_service *ret, uint32_t *ret_generation);

struct port_args {
	const char *ifname;
	const char *netns;		/* NULL: the instance's own */
	struct net_addr addrs[KEELSON_MAX_PORT_ADDRS];
	size_t n_addrs;
	uint32_t mtu;
	bool no_route;
};
bool args_port_add(struct args *a, struct port_args *ret);
/* The words after "addr": at least one address, and no keyword is an address. */
bool args_addr_list(struct args *a, struct net_addr *addrs, size_t max, size_t *n);

#endif
