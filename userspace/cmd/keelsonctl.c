// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * keelsonctl.c - the engineer's hand on the datapath
 *
 * Options, the table of commands, and the two ways to run them: one from the
 * command line, or many from a file (-b), whose sets and deletes go to the
 * kernel in netlink batches.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>

#include "cmd/keelsonctl/ctl.h"
#include "net/netns.h"

#define EXIT_REFUSED	1
#define EXIT_USAGE	2
#define MAX_WORDS	8192	/* of one command; a service with its backends has about 3,000 */

enum {
	BATCHED = 1,	/* exactly one netlink request, which may wait for others */
	NO_MODULE = 2,	/* works without the netlink family */
};

static const struct command {
	const char *object, *verb;	/* verb NULL: the object is the whole command */
	command_fn *run;
	unsigned flags;
	const char *words, *help;
} commands[] = {
	{ "status", NULL, status_show, 0, "", "overlay, host leg and how much the tables hold" },
	{ "overlay", "set", overlay_set, 0,
	  "vtep ADDR mac MAC [dev IF] [vni N] [port N] [no-csum] [rx socket]", "this node's VXLAN end" },
	{ "overlay", "show", overlay_show, 0, "", "" },
	{ "overlay", "del", overlay_del, 0, "", "" },
	{ "host", "add", host_add, 0,
	  "addr ADDR [mtu N] [to PREFIX]... [masquerade PREFIX]... [except PREFIX]...",
	  "keelson0: the node's own leg, and what is routed into it" },
	{ "host", "show", host_show, 0, "", "" },
	{ "host", "del", host_del, NO_MODULE, "", "" },
	{ "node", "set", node_set, BATCHED, "VTEP mac MAC [generation N]", "another node's VXLAN end" },
	{ "node", "del", node_del, BATCHED, "VTEP", "" },
	{ "node", "show", node_show, 0, "", "" },
	{ "route", "set", route_set, BATCHED, "PREFIX via VTEP [generation N]", "pods of another node" },
	{ "route", "del", route_del, BATCHED, "PREFIX", "" },
	{ "route", "show", route_show, 0, "", "" },
	{ "port", "add", port_add, 0,
	  "IFNAME [netns NS] addr ADDR [ADDR]... [mtu N] [no-route]",
	  "a device in the namespace NS (name, /path or pid:N), ready to use" },
	{ "port", "set", port_set, 0, "ID addr ADDR [ADDR]...", "other addresses for a port" },
	{ "port", "del", port_del, 0, "ID | addr ADDR | IFNAME [netns NS]", "" },
	{ "port", "show", port_show, 0, "", "" },
	{ "service", "set", service_set, BATCHED,
	  "VIP:PORT/PROTO [backend ADDR:PORT [draining]]... [generation N]", "a virtual address and its backends" },
	{ "service", "del", service_del, BATCHED, "VIP:PORT/PROTO", "" },
	{ "service", "show", service_show, 0, "[VIP:PORT/PROTO]", "" },
	{ "flow", "show", flow_show, 0, "", "connections that were translated" },
	{ "flow", "flush", flow_flush, 0, "[service VIP:PORT/PROTO]", "" },
	{ "sweep", NULL, sweep, 0, "node|route|service generation N", "drop what has another generation" },
	{ "stats", NULL, stats_show, 0, "", "counters" },
	{ "monitor", NULL, stats_monitor, 0, "[interval SECONDS] [count N]", "counters as they change" },
};

static void print_help(FILE *f)
{
	fprintf(f, "Usage: keelsonctl [-n NETNS] [-o text|json] COMMAND...\n"
		   "       keelsonctl [-n NETNS] [-o text|json] -b FILE|-\n\n"
		   "Shows and programs the keelson datapath of a network namespace.\n\nCommands:\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		const struct command *cmd = &commands[i];

		fprintf(f, "  %s%s%s%s%s\n", cmd->object, cmd->verb ? " " : "", cmd->verb ? cmd->verb : "",
			*cmd->words ? " " : "", cmd->words);
		if (*cmd->help)
			fprintf(f, "        %s\n", cmd->help);
	}
	fprintf(f, "\nOptions:\n"
		   "  -n, --netns NETNS     act on the instance in that namespace (name, /path or pid:N)\n"
		   "  -o, --output FORMAT   text or json\n"
		   "  -b, --batch FILE      run one command a line ('-': standard input)\n"
		   "  -h, --help            this text\n"
		   "  -V, --version         version of the netlink interface\n");
}

static const struct command *find_command(struct args *a)
{
	const char *object;
	bool known = false;

	if (!args_word(a, "a command (see keelsonctl --help)", &object))
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!streq(commands[i].object, object))
			continue;
		known = true;
		if (!commands[i].verb || args_keyword(a, commands[i].verb))
			return &commands[i];
	}
	if (!known)
		args_fail(a, "there is no command '%s' (see keelsonctl --help)", object);
	else if (args_more(a))
		args_fail(a, "there is no command '%s %s' (see keelsonctl --help)", object, a->words[a->next]);
	else
		args_fail(a, "%s: what shall be done? (see keelsonctl --help)", object);
	return NULL;
}

/* "keelsonctl: [line N: ]WHAT" on standard error. */
static void complain(unsigned line, const struct command *cmd, const char *what)
{
	fflush(stdout);
	fprintf(stderr, "keelsonctl: ");
	if (line)
		fprintf(stderr, "line %u: ", line);
	if (cmd)
		fprintf(stderr, "%s%s%s: ", cmd->object, cmd->verb ? " " : "", cmd->verb ? cmd->verb : "");
	fprintf(stderr, "%s\n", what);
}

/* The exit status of one command whose table entry was found (or not: cmd NULL). */
static int finish(unsigned line, const struct command *cmd, int res, struct args *a, char *msg)
{
	int status = 0;

	if (a->error) {
		complain(line, cmd, a->error);
		if (cmd && *cmd->words && !line)
			fprintf(stderr, "usage: keelsonctl %s%s%s %s\n", cmd->object, cmd->verb ? " " : "",
				cmd->verb ? cmd->verb : "", cmd->words);
		status = EXIT_USAGE;
	} else if (res < 0) {
		complain(line, NULL, msg ? msg : strerror(-res));
		status = EXIT_REFUSED;
	}
	args_free(a);
	free(msg);
	return status;
}

static int run_one(struct ctl *c, char *const *words, size_t n)
{
	struct args a = { .words = words, .n = n };
	const struct command *cmd = find_command(&a);
	char *msg = NULL;
	int res = 0;

	if (cmd && !(cmd->flags & NO_MODULE))
		res = keelson_nl_open(&c->nl, &msg);
	if (cmd && res == 0)
		res = cmd->run(c, &a, &msg);
	return finish(0, cmd, res, &a, msg);
}

/* --- batch ---------------------------------------------------------------- */

struct batch {
	struct buf lines;	/* unsigned line numbers of the requests under way */
	int status;
};

static void batch_refused(void *data, size_t index, int err, const char *msg)
{
	struct batch *b = data;

	complain(((const unsigned *)b->lines.data)[index], NULL, msg);
	b->status = EXIT_REFUSED;
}

/* Sends what waits; refusals were complained about one by one, a dead socket was not. */
static void batch_commit(struct ctl *c, struct batch *b)
{
	char *msg = NULL;

	if (keelson_nl_batch_commit(c->nl, &msg) < 0 && !b->status) {
		complain(0, NULL, msg);
		b->status = EXIT_REFUSED;
	}
	free(msg);
	buf_consume(&b->lines, b->lines.len);
}

static void run_line(struct ctl *c, struct batch *b, unsigned line, char **words, size_t n)
{
	struct args a = { .words = words, .n = n };
	const struct command *cmd = find_command(&a);
	bool batched = cmd && cmd->flags & BATCHED;
	char *msg = NULL;
	int res = 0, status;

	if (cmd && !batched)
		batch_commit(c, b);
	if (cmd)
		res = cmd->run(c, &a, &msg);
	if (batched && res == 0)
		buf_add(&b->lines, &line, sizeof(line));
	if (cmd && !batched)
		keelson_nl_batch_begin(c->nl, batch_refused, b);
	status = finish(line, cmd, res, &a, msg);
	if (status > b->status)
		b->status = status;
}

static int run_batch(struct ctl *c, const char *path)
{
	FILE *f = streq(path, "-") ? stdin : fopen(path, "re");
	char **words = xcalloc(MAX_WORDS, sizeof(*words)), *text = NULL, *msg = NULL;
	struct batch b = { 0 };
	size_t cap = 0;
	int res;

	if (!f) {
		fprintf(stderr, "keelsonctl: %s: %s\n", path, strerror(errno));
		free(words);
		return EXIT_REFUSED;
	}
	res = keelson_nl_open(&c->nl, &msg);
	if (res < 0) {
		complain(0, NULL, msg);
		b.status = EXIT_REFUSED;
		goto out;
	}
	keelson_nl_batch_begin(c->nl, batch_refused, &b);
	for (unsigned line = 1; getline(&text, &cap, f) >= 0; line++) {
		size_t n = 0;
		char *save, *w;

		text[strcspn(text, "#")] = '\0';
		for (w = strtok_r(text, " \t\r\n", &save); w && n < MAX_WORDS; w = strtok_r(NULL, " \t\r\n", &save))
			words[n++] = w;
		if (w) {
			complain(line, NULL, "too many words");
			b.status = EXIT_USAGE;
		} else if (n) {
			run_line(c, &b, line, words, n);
		}
	}
	batch_commit(c, &b);
out:
	free(msg);
	free(text);
	free(words);
	buf_free(&b.lines);
	if (f != stdin)
		fclose(f);
	return b.status;
}

/* --- main ----------------------------------------------------------------- */

static int enter_netns(const char *spec)
{
	_cleanup_close_ int fd = -1;
	char *msg = NULL;
	int res = netns_open(spec, &fd, &msg);

	if (res == 0) {
		res = netns_enter(fd);
		if (res < 0)
			msg = xasprintf("entering network namespace %s: %s", spec, strerror(-res));
	}
	if (res < 0)
		complain(0, NULL, msg);
	free(msg);
	return res;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "netns", required_argument, NULL, 'n' },
		{ "output", required_argument, NULL, 'o' },
		{ "batch", required_argument, NULL, 'b' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	const char *netns = NULL, *batch = NULL;
	struct ctl c = { 0 };
	int opt, status;

	while ((opt = getopt_long(argc, argv, "+n:o:b:hV", options, NULL)) >= 0) {
		switch (opt) {
		case 'n':
			netns = optarg;
			break;
		case 'o':
			c.json = streq(optarg, "json");
			if (!c.json && !streq(optarg, "text")) {
				complain(0, NULL, "-o takes text or json");
				return EXIT_USAGE;
			}
			break;
		case 'b':
			batch = optarg;
			break;
		case 'h':
			print_help(stdout);
			return 0;
		case 'V':
			printf("keelsonctl, netlink family %s version %d\n", KEELSON_GENL_NAME, KEELSON_GENL_VERSION);
			return 0;
		default:
			return EXIT_USAGE;
		}
	}
	if (batch && optind < argc) {
		complain(0, NULL, "-b takes its commands from the file, not from the command line");
		return EXIT_USAGE;
	}
	if (!batch && optind == argc) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (netns && enter_netns(netns) < 0)
		return EXIT_REFUSED;
	status = batch ? run_batch(&c, batch) : run_one(&c, argv + optind, argc - optind);
	keelson_nl_close(c.nl);
	if (fflush(stdout) != 0 && !status) {
		complain(0, NULL, "writing the output failed");
		status = EXIT_REFUSED;
	}
	return status;
}
