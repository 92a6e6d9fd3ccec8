// SPDX-License-Identifier: GPL-2.0-or-later
/* keelsond.c - the daemon's main: picks the role */
#include <stdio.h>

#include "base/log.h"
#include "base/util.h"
#include "cmd/keelsond/cmd.h"

#define EXIT_USAGE 2

static const struct role {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} roles[] = {
	{ "server", cmd_server, "the Kubernetes API over etcd, with controllers and scheduler" },
	{ "agent", cmd_agent, "a node: runs its pods through containerd and programs its datapath" },
};

static void print_help(FILE *f)
{
	fprintf(f, "Usage: keelsond ROLE [OPTION...]\n\nRoles:\n");
	for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
		fprintf(f, "  %-8s %s\n", roles[i].name, roles[i].help);
	fprintf(f, "\n`keelsond ROLE --help` lists a role's options.\n"
		   "      --version  print the version and exit\n"
		   "      --help     print this and exit\n");
}

int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL;

	if (word && (streq(word, "--help") || streq(word, "-h") || streq(word, "help"))) {
		print_help(stdout);
		return 0;
	}
	if (word && (streq(word, "--version") || streq(word, "-V"))) {
		printf("keelsond %s\n", KEELSON_VERSION);
		return 0;
	}
	for (size_t i = 0; word && i < ARRAY_SIZE(roles); i++) {
		_cleanup_free_ char *name = NULL;

		if (!streq(word, roles[i].name))
			continue;
		name = xasprintf("keelsond %s", word);
		log_set_name(word);
		argv[1] = name;
		return roles[i].run(argc - 1, argv + 1);
	}
	if (word)
		fprintf(stderr, "keelsond: no role \"%s\"; there are server and agent\n", word);
	else
		print_help(stderr);
	return EXIT_USAGE;
}
