/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * result.h - what the plugin answers, as JSON trees
 *
 * Pure. The caller owns what is returned.
 */
#ifndef KEELSON_CNI_RESULT_H
#define KEELSON_CNI_RESULT_H

#include "cmd/keelson-cni/config.h"

/* ADD's; mac all zero when the link has none. */
json *cni_result(const struct cni_config *c, const struct cni_env *env, const struct net_addr *addr,
		 const uint8_t mac[6]);
/* ADD's of the plugin "loopback". */
json *cni_loopback_result(const struct cni_config *c, const struct cni_env *env);
json *cni_version_result(const char *asked);
json *cni_error_result(const char *version, const struct cni_error *e);
/*
 * The addresses that prevResult gives the interface CNI_IFNAME of the sandbox,
 * at most max. Their number, or -1 with *e.
 */
int cni_result_addrs(const struct cni_config *c, const struct cni_env *env, struct net_addr *addrs, size_t max,
		     struct cni_error *e);

#endif
