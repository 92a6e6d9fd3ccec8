/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd.h - the roles of keelsond, each a main of its own */
#ifndef KEELSON_CMD_KEELSOND_CMD_H
#define KEELSON_CMD_KEELSOND_CMD_H

/* The version that --version tells; GET /version tells the Kubernetes API's (api/discovery.c). */
#define KEELSON_VERSION "0.1.0"

/*
 * argv[0] is the name to show in usage and errors ("keelsond server"); the
 * role's options follow. The answer is the process's exit status.
 */
int cmd_server(int argc, char **argv);
int cmd_agent(int argc, char **argv);

#endif
