/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * config.h - what the runtime gives the plugin: CNI_* variables and a JSON text
 *
 * Pure. Errors are those of the CNI specification, chapter "Error".
 */
#ifndef KEELSON_CNI_CONFIG_H
#define KEELSON_CNI_CONFIG_H

#include "base/json.h"
#include "net/addr.h"

enum cni_command {
	CNI_ADD,
	CNI_DEL,
	CNI_CHECK,
	CNI_VERSION,
};

enum cni_code {
	CNI_ERR_INCOMPATIBLE_VERSION = 1,
	CNI_ERR_INVALID_ENV = 4,
	CNI_ERR_IO = 5,
	CNI_ERR_DECODE = 6,
	CNI_ERR_INVALID_CONFIG = 7,
	CNI_ERR_TRY_LATER = 11,
	CNI_ERR_DATAPATH = 100,		/* ours: the kernel refused */
	CNI_ERR_CHECK_FAILED = 101,	/* ours: what CHECK found is not what ADD made */
};

struct cni_error {
	enum cni_code code;
	char *msg;	/* freed by who prints it */
};
/* Fills *e; always -1, so that it can be returned. */
int cni_fail(struct cni_error *e, enum cni_code code, const char *fmt, ...) PRINTF(3, 4);

struct cni_env {
	enum cni_command command;
	const char *container_id, *netns, *ifname;	/* NULL where the command does without */
};
/* get is getenv or a test's stand-in. 0 or -1 with *e. */
int cni_env_read(char *(*get)(const char *), struct cni_env *ret, struct cni_error *e);

struct cni_config {
	json *doc;			/* all of it; owner of the strings below */
	const char *version;		/* cniVersion, one that we speak */
	const char *state_dir;		/* lock and memory of addresses */
	struct net_prefix subnet;	/* DEL: may be absent, addr.len 0 */
	struct net_addr gateway;	/* never given to a pod; default: the first address of subnet */
	uint32_t mtu;			/* 0: what the datapath has */
	const json *prev_result;	/* or NULL */
};
/* 0 and a config for cni_config_free(), or -1 with *e. */
int cni_config_parse(const char *text, size_t len, enum cni_command command, struct cni_config *ret,
		     struct cni_error *e);
void cni_config_free(struct cni_config *c);

/* NULL-terminated, oldest first. */
extern const char *const cni_versions[];
#define CNI_NEWEST_VERSION "1.0.0"

#endif
