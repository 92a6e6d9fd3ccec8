// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pause.c - process 1 of a pod sandbox: holds its namespaces, reaps orphans
 *
 * Built static and alone into the image localhost/pause (scripts/images).
 * Ends at once on SIGTERM or SIGINT, with status 0.
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void done(int sig)
{
	(void)sig;
	_exit(0);
}

static void reap(int sig)
{
	(void)sig;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

int main(void)
{
	struct sigaction end = { .sa_handler = done };
	struct sigaction child = { .sa_handler = reap, .sa_flags = SA_NOCLDSTOP | SA_RESTART };

	if (sigaction(SIGTERM, &end, NULL) < 0 || sigaction(SIGINT, &end, NULL) < 0 ||
	    sigaction(SIGCHLD, &child, NULL) < 0)
		return 1;
	for (;;)
		pause();
}
